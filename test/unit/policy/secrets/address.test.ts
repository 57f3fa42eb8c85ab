import { addressDetector } from '../../../../src/policy/secrets/address.ts';
import { testTables } from './tables.ts';

testTables('addresses with a password', [addressDetector], {
  hits: [
    '‹postgres://app:s3cr3t›@db:5432/x',
    'DATABASE_URL="‹postgresql+psycopg2://app:p@ss,w0rd›@db/x"',
    '<‹mongodb+srv://svc:Zx9!q›@cluster0.example.net>',
    'redis at ‹redis://:hunter22›@cache:6379/0.',
    '‹amqps://guest:gu3st›@mq',
    'git clone ‹https://bot:ghx123›@git.example.net/a.git',
    '(‹mysql://root:toor›@localhost)',
    '\\n‹ftp://u:p4›@h',
    'jdbc:‹sqlserver://sa:Str0ng#1›@sql',
  ],
  misses: [
    'https://user@example.net:8443/path',
    'https://example.net:8443/a@b',
    'postgres://localhost:5432/x',
    'postgres://${USER}:${PASSWORD}@db/x',
    'postgres://user:password@localhost/db',
    'redis://:****@cache',
    'amqp://user:<password>@mq',
    'mailto:someone@example.net',
    'https://user:{{ password }}@host',
    'time://12:30',
    'a://b c:d@e',
  ],
});
