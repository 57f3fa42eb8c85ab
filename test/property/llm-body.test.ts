import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { DENIALS } from '../../src/core/denials.ts';
import { ENDPOINTS } from '../../src/core/operation.ts';
import { DEFAULT_BODY_LIMITS, judgeBody } from '../../src/policy/llm/body.ts';
import { apiOfPath, judgeEndpoint } from '../../src/policy/llm/endpoint.ts';
import { errorBody } from '../../src/policy/llm/error-body.ts';
import { FIELDS } from '../../src/policy/llm/fields.ts';
import { rewriteBody } from '../../src/policy/llm/rewrite-body.ts';

const endpoint = fc.constantFrom(...ENDPOINTS);
const knownName = fc.constantFrom(...new Set(Object.values(FIELDS).flatMap((fields) => [...fields.shapes.keys()])));
// Names without backslashes: JSON.parse, the judge here, misreads these in Node 24.21 (see json-scan.test.ts).
const otherName = fc.string().filter((name) => name !== '__proto__' && !/[\0\\]/.test(name));
const loose = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('\\\\')),
  fc.constantFrom<unknown>(null, true, false, 0, 1, 5, 1.5, -1, 'm', [], {}, [{}], ['a'], [1], [[1]], [{ model: 'm' }]),
);
const members = fc.uniqueArray(fc.tuple(fc.oneof(knownName, otherName), loose), { maxLength: 12, selector: ([name]) => name });

/** Any order of members, among them what the operations require. */
const likely = fc
  .tuple(members, fc.constantFrom('hello', ['a', 'b']), fc.string({ minLength: 1, maxLength: 40 }), fc.nat())
  .map(([some, input, model, turn]) => {
    const taken = new Set(['model', 'messages', 'input', 'prompt', 'max_tokens', 'max_completion_tokens']);
    const rest = some.filter(([name]) => !taken.has(name));
    const all = [
      ...rest,
      ['model', model] as const,
      ['messages', [{ role: 'user' }]] as const,
      ['input', input] as const,
      ['max_tokens', 9] as const,
    ];
    return Object.fromEntries([...all.slice(turn % all.length), ...all.slice(0, turn % all.length)]);
  });

const judge = (which: (typeof ENDPOINTS)[number], bytes: Uint8Array) => judgeBody(which, bytes, DEFAULT_BODY_LIMITS);

describe('judgeBody', () => {
  it('gives an outcome for any bytes and never faults', () => {
    const inputs = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      members.map((some) => Buffer.from(JSON.stringify(Object.fromEntries(some)))),
      likely.map((body) => Buffer.from(JSON.stringify(body))),
    );
    fc.assert(
      fc.property(endpoint, inputs, (which, bytes) => {
        const outcome = judge(which, bytes);
        expect(['next', 'deny']).toContain(outcome.kind);
        expect(outcome.kind === 'deny' ? Object.keys(DENIALS) : [outcome.kind]).toContain(
          outcome.kind === 'deny' ? outcome.denial.code : 'next',
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads what JSON.parse reads, and a rewrite changes the model alone', () => {
    let judged = 0;
    fc.assert(
      fc.property(endpoint, likely, fc.string({ minLength: 1 }), (which, body, target) => {
        const bytes = Buffer.from(JSON.stringify(body, undefined, 1));
        const outcome = judge(which, bytes);
        if (outcome.kind !== 'next') {
          return;
        }
        judged += 1;
        expect(outcome.found.model).toBe(body['model']);
        expect(outcome.found.stream).toBe(body['stream'] === true);
        const text = rewriteBody(bytes, outcome.found, { model: target }).toString('utf8');
        expect(text).toBe(
          `${bytes.toString('utf8', 0, outcome.found.modelStart)}${JSON.stringify(target)}${bytes.toString('utf8', outcome.found.modelEnd)}`,
        );
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ ...body, model: target })));
        expect(rewriteBody(bytes, outcome.found, { model: outcome.found.model }).equals(bytes)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    must(judged > 100, `the samples reach the rewrite: ${String(judged)}`);
  });
});

describe('judgeEndpoint', () => {
  it('takes no path but the known ones, whatever is changed in one of them', () => {
    const paths = new Set(ENDPOINTS.map((known) => known.path));
    const noise = fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('/', '//', '.', '..', ';', '%2f', '%00', '#', '\\', ' ', '\u017f', '\u212a'),
    );
    fc.assert(
      fc.property(endpoint, noise, fc.nat(), fc.nat(2), (known, inserted, where, removed) => {
        const at = where % (known.path.length + 1);
        const path = `${known.path.slice(0, at)}${inserted}${known.path.slice(at + removed)}`;
        const [bare] = path.split('?', 1);
        fc.pre(bare !== undefined && !paths.has(bare));
        expect(judgeEndpoint(known.method, path)).toMatchObject({ kind: 'deny', denial: { code: 'endpoint_unsupported' } });
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives an outcome and an error shape for any method and path', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(
          fc.string(),
          fc.string().map((query) => `/v1/messages?${query}`),
        ),
        (method, path) => {
          expect(['next', 'deny']).toContain(judgeEndpoint(method, path).kind);
          expect(JSON.parse(errorBody(apiOfPath(path), { code: 'c', status: 400, text: method }, path))).toHaveProperty(
            'error.message',
            `${method} ${path}`,
          );
        },
      ),
    );
  });
});
