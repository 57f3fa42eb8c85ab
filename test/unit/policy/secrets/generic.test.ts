import { genericSecretDetectors } from '../../../../src/policy/secrets/detectors.ts';
import { testTables } from './tables.ts';

testTables('assignments', genericSecretDetectors, {
  hits: [
    'password = "‹S0mmer-2026!›"',
    "const apiKey = '‹a8Fk2mZq9LxT4vB7›';",
    'api_key: ‹a8Fk2mZq9LxT4vB7›',
    '{"client_secret": "‹q7Zr/T4vB7nR1cW6›"}',
    'const password: string = "‹correct-horse-9›";',
    'DB_PASSWORD=‹hunter2hunter2›',
    'my password is ‹Tr0ub4dor&3x›',
    '$cfg["password"] => "‹Tr0ub4dor&3x›"',
    'token := `‹a8Fk2mZq9LxT4vB7›`',
    'auth_key="‹aa:bb:cc:d7:19›"',
  ],
  misses: [
    'password = "changeme"',
    'password = "your-password"',
    'password: ${DB_PASSWORD}',
    'password = "<password>"',
    'const password = process.env.DB_PASSWORD_2;',
    'password = getSecret9("db")',
    'password: string',
    'password: "required"',
    'tokens: 4096000000',
    'token_type: "bearer2026"',
    'secret_name = "db-password-9"',
    'password = "aaaaaaaa1"',
    'token = "csrf-token"',
    'token_url = "https://id.example.net/9/token"',
    'the password was changed on 2026-11-21',
    'pwd=/home/app9/src',
    'no name for it = "S0mmer-2026!"',
    'password: short1',
  ],
});
