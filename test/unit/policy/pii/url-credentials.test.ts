import { urlCredentials } from '../../../../src/policy/pii/url-credentials.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([urlCredentials], {
  hits: [
    'use «postgres://app:s3cr3t!@db.example.com:5432»',
    'use «https://jane:p%40ss@example.com»',
    'use «redis://:hunter2@10.0.0.5:6379»',
    'use «mongodb+srv://root:x@y@cluster0.mongodb.net»',
    'use «amqp://u:p@[2001:db8::1]:5672»',
  ],
  misses: [
    'https://example.com/a:b@c',
    'https://jane@example.com/',
    'postgres://user:password@localhost/db',
    'postgres://user:${PASSWORD}@localhost/db',
    'postgres://user:<password>@localhost/db',
    'postgres://user:***@localhost/db',
    'postgres://user:$DB_PASSWORD@localhost/db',
    'http://localhost:8080/@scope',
    'git@github.com:owner/repository.git',
  ],
});
