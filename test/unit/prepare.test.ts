import { expect, it } from 'vitest';
import { parseSettings } from '../../src/config/load.ts';
import { prepareDecisions } from '../../src/prepare.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const settingsWith = (output: string): string => `
version: 1
listen: { grpc: 'unix:g.sock', sds: 'unix:s.sock', health: '127.0.0.1:0' }
edge: { listen: '127.0.0.1:0', certificate: 'file:tls.pem' }
store: sqlite:state.db
providers: { alpha: { api: openai, url: 'https://alpha.example', credential: { secret: 'file:alpha' } } }
identity: { virtualKeys: { pepper: 'file:pepper' } }
policies: { standard: { models: [small] } }
models: { small: { targets: [{ provider: alpha, model: alpha-small }], output: ${output} } }
`;

const most = Number.MAX_SAFE_INTEGER;

it.each([
  ['{}', undefined],
  ['{ field: max_completion_tokens }', undefined],
  // The targets do not read the newer name: a request that uses it would be answered without a cap.
  ['{ field: max_tokens }', { default: undefined, max: most, chatField: 'max_tokens' }],
  ['{ max: 9, field: max_tokens }', { default: 9, max: 9, chatField: 'max_tokens' }],
  ['{ default: 5 }', { default: 5, max: most, chatField: 'max_completion_tokens' }],
])('the output of a model, %s, is prepared as %j', (output, cap) => {
  using directory = makeTempDir();
  const settings = parseSettings(settingsWith(output), directory.file('sallyport.yaml'));
  expect(prepareDecisions(settings).models.get('small')?.cap).toEqual(cap);
});
