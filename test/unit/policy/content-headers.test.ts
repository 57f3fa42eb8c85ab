import { describe, expect, it } from 'vitest';
import type { Header } from '../../../src/core/request.ts';
import { judgeContentHeaders } from '../../../src/policy/content-headers.ts';

const headers = (...pairs: readonly (readonly [string, string])[]): readonly Header[] => pairs.map(([name, value]) => ({ name, value }));
const JSON_TYPE = ['content-type', 'application/json'] as const;

describe('the headers of a body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', ' application/json '])(
    'may say %j',
    (type) => {
      expect(judgeContentHeaders(headers(['content-type', type]), 100).kind).toBe('next');
    },
  );

  it.each<[string, readonly Header[], string]>([
    ['no type', headers(), 'content_type_unsupported'],
    ['two types', headers(JSON_TYPE, JSON_TYPE), 'content_type_unsupported'],
    ['a form', headers(['content-type', 'multipart/form-data; boundary=x']), 'content_type_unsupported'],
    ['another charset', headers(['content-type', 'application/json; charset=utf-16']), 'content_type_unsupported'],
    ['a type that only starts so', headers(['content-type', 'application/json-patch+json']), 'content_type_unsupported'],
    ['two types in one header', headers(['content-type', 'application/json, text/plain']), 'content_type_unsupported'],
    ['compression', headers(JSON_TYPE, ['content-encoding', 'gzip']), 'content_encoding_unsupported'],
    [
      'compression beside identity',
      headers(JSON_TYPE, ['content-encoding', 'identity'], ['content-encoding', 'br']),
      'content_encoding_unsupported',
    ],
    ['a length over the limit', headers(JSON_TYPE, ['content-length', '101']), 'body_too_large'],
    ['two lengths', headers(JSON_TYPE, ['content-length', '5'], ['content-length', '6']), 'request_invalid'],
  ])('are refused with %s', (_, given, code) => {
    expect(judgeContentHeaders(given, 100)).toMatchObject({ kind: 'deny', denial: { code } });
  });

  it('may say identity and a length at the limit', () => {
    expect(judgeContentHeaders(headers(JSON_TYPE, ['content-encoding', 'identity'], ['content-length', '100']), 100).kind).toBe('next');
  });
});
