import { Buffer } from 'node:buffer';
import { stringify } from 'yaml';
import { explainCommand } from '../../../src/cli/explain.ts';
import { parseSettings } from '../../../src/config/load.ts';
import type { SettingsInput } from '../../../src/config/schema.ts';
import { prepareDecisions } from '../../../src/prepare.ts';
import type { Ran, startCommands } from './command-context.ts';

const base: SettingsInput = {
  version: 1,
  listen: { grpc: ['unix:g.sock'], sds: ['unix:s.sock'], health: ['127.0.0.1:0'], admin: ['unix:a.sock'] },
  edge: { listen: '127.0.0.1:0', certificate: 'file:tls.pem', admin: 'unix:admin.sock', accessLog: 'access.log' },
  store: 'sqlite:state/sallyport.db',
  providers: {
    alpha: { api: 'openai', url: 'https://alpha.example.com', credential: { secret: 'file:alpha' } },
    beta: { api: 'openai', url: 'https://beta.example.com/openai/v1', credential: { secret: 'file:beta' } },
  },
  models: {
    large: {
      targets: [
        { provider: 'alpha', model: 'alpha-large' },
        { provider: 'beta', model: 'beta-large' },
      ],
    },
    dear: { targets: [{ provider: 'alpha', model: 'alpha-dear' }], approval: 'required' },
    small: { targets: [{ provider: 'beta', model: 'beta-small' }] },
  },
  identity: { virtualKeys: { pepper: 'file:pepper' } },
  policies: {
    standard: { models: ['large', 'dear'] },
    ours: { models: ['*'], providers: ['alpha'] },
    talk: { models: ['*'], operations: ['embeddings'] },
  },
  teams: { finance: { policy: 'standard', clients: ['ledger-app'] } },
  clients: { inside: { policy: 'standard', networks: ['10.0.0.0/8'] } },
  tiers: { gold: { policy: 'ours' } },
};

interface Asked {
  readonly change?: (settings: SettingsInput) => void;
  readonly args?: readonly string[];
  /** What holds the body in place of standard input. */
  readonly file?: string;
}

/** Runs `sallyport explain` on a request that standard input holds. */
export async function explain(
  commands: ReturnType<typeof startCommands>,
  body: unknown,
  { change, args = ['--team', 'finance'], file = '-' }: Asked = {},
): Promise<Ran> {
  const raw = structuredClone(base);
  change?.(raw);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const command = explainCommand({
    settings: () => prepareDecisions(parseSettings(stringify(raw), 'sallyport.yaml')),
    stdin: async function* () {
      yield await Promise.resolve(bytes);
    },
  });
  return commands.run(command, '--body', file, ...args);
}

export const chat = (content: unknown, more: object = {}): object => ({ model: 'large', messages: [{ role: 'user', content }], ...more });
