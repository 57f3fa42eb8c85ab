import { stringify } from 'yaml';
import type { LocalProvider } from './local-provider.ts';

/** Models of the local providers; the real ones keep their own names. */
export const DEMO_MODELS = {
  openai: ['demo-small-v1', 'demo-large-v1'],
  backup: ['backup-large-v1'],
  anthropic: ['demo-claude-v1'],
} as const;

export interface DemoPlaces {
  readonly port: number;
  readonly openai: Pick<LocalProvider, 'url'>;
  readonly backup: Pick<LocalProvider, 'url'>;
  readonly anthropic: Pick<LocalProvider, 'url'>;
  /** Secret references of real accounts; undefined = local providers only. */
  readonly openaiKey: string | undefined;
  readonly anthropicKey: string | undefined;
}

type Api = 'openai' | 'anthropic';

const local = (api: Api, provider: { readonly url: string }, secret: string): object => ({
  api,
  url: provider.url,
  credential: { secret: `file:./secrets/${secret}`, refresh: '1s' },
  allowPrivate: true,
});

const real = (api: Api, url: string, secret: string | undefined): object =>
  secret === undefined ? {} : { [`real-${api}`]: { api, url, credential: { secret } } };

const realModel = (provider: string, name: string, secret: string | undefined): object =>
  secret === undefined ? {} : { [name]: { targets: [{ provider, model: name }] } };

/** The demo's `sallyport.yaml`: an ordinary one, written where it can be read afterwards. */
export function demoSettings(places: DemoPlaces): string {
  const realModels = {
    ...realModel('real-openai', 'gpt-4o-mini', places.openaiKey),
    ...realModel('real-anthropic', 'claude-haiku-4-5', places.anthropicKey),
  };
  return stringify({
    version: 1,
    listen: { grpc: 'unix:./grpc.sock', sds: 'unix:./sds.sock', health: '127.0.0.1:0', drain: '5s' },
    edge: {
      listen: `127.0.0.1:${String(places.port)}`,
      certificate: 'file:./tls.pem',
      admin: 'unix:./envoy-admin.sock',
      accessLog: './access.log',
      // Everything shares one machine here, and all of it has just been started.
      timeouts: { store: '500ms' },
    },
    store: 'sqlite:./state/sallyport.db',
    providers: {
      'local-openai': local('openai', places.openai, 'openai'),
      'local-backup': local('openai', places.backup, 'backup'),
      'local-anthropic': local('anthropic', places.anthropic, 'anthropic'),
      ...real('openai', 'https://api.openai.com', places.openaiKey),
      ...real('anthropic', 'https://api.anthropic.com', places.anthropicKey),
    },
    models: {
      'demo-small': { targets: [{ provider: 'local-openai', model: 'demo-small-v1' }], output: { default: 256, max: 1_024 } },
      'demo-large': {
        targets: [
          { provider: 'local-openai', model: 'demo-large-v1' },
          { provider: 'local-backup', model: 'backup-large-v1' },
        ],
      },
      'demo-claude': { targets: [{ provider: 'local-anthropic', model: 'demo-claude-v1' }] },
      ...realModels,
    },
    identity: { virtualKeys: { pepper: 'file:./secrets/pepper' } },
    policies: {
      standard: { models: ['demo-small', 'demo-claude', ...Object.keys(realModels)] },
      premium: { models: ['*'] },
      trial: { models: ['demo-small'], limits: { requests: '5/min', tokens: '10k/day', budget: '0.05 USD/day' } },
    },
    masking: { request: { entities: ['personal', 'secret'] }, response: { entities: { secret: 'block' } } },
    teams: { apps: { policy: 'standard' }, research: { policy: 'premium' }, visitors: { policy: 'trial' } },
    prices: { providers: { 'local-openai': { 'demo-*': { input: 2, output: 8 } } } },
  });
}
