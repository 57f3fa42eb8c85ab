import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectorSet } from '../../../src/policy/detect/detector-set.ts';
import { email } from '../../../src/policy/pii/email.ts';
import { piiDetectors } from '../../../src/policy/pii/registry.ts';
import { bars } from '../../quality/bars.ts';
import { entityOf, readLabelled } from '../../quality/data-file.ts';
import { judgeData, precisionOf, recallOf } from '../../quality/judge.ts';
import { runInjectionSuite } from '../../quality/injection-suite.ts';
import { runSecretsSuite } from '../../quality/secrets-suite.ts';
import { reachesBar, writeReport } from '../../quality/report.ts';
import { suites } from '../../quality/suites.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const set = detectorSet([{ detector: email, priority: 1 }]);
const ours = new Set(['email']);

/** A labelled text: the value stands between « and ». */
const labelled = (marked: string, entity = 'email'): { text: string; spans: { start: number; end: number; entity: string }[] } => ({
  text: marked.replaceAll(/[«»]/g, ''),
  spans: [{ start: marked.indexOf('«'), end: marked.indexOf('»') - 1, entity }],
});

describe('the detectors, on a small sample', () => {
  it.each(suites)('$name: every entity is in the data and reaches its bar', ({ set: wanted, make }) => {
    const tallies = judgeData(make(20_261_121, 60), wanted);
    expect(tallies.filter((tally) => !reachesBar(tally)).map(({ entity, missed, invented }) => ({ entity, missed, invented }))).toEqual([]);
    expect(tallies.every(({ samples }) => samples >= 60)).toBe(true);
  });

  it('are all judged, and every bar is somebody’s', () => {
    const entities = new Set(piiDetectors.map(({ detector }) => detector.entity));
    const judged = new Set(suites.flatMap(({ set: wanted, make }) => judgeData(make(1, 1), wanted).map(({ entity }) => entity)));
    expect([...entities].filter((entity) => !judged.has(entity))).toEqual([]);
    const rows = [...runSecretsSuite({ seed: 1, samples: 2 }), ...runInjectionSuite({ seed: 1, samples: 2 })].map(({ entity }) => entity);
    expect([...bars.keys()].filter((entity) => !entities.has(entity) && !rows.includes(entity))).toEqual([]);
  });

  it('meet the same data for the same seed', () => {
    for (const { make } of suites) {
      expect([...make(7, 2)]).toEqual([...make(7, 2)]);
      expect([...make(7, 2)]).not.toEqual([...make(8, 2)]);
    }
  });
});

describe('judgeData', () => {
  it('counts by overlap: what was found, what was missed, what was invented', () => {
    const data = [
      labelled('to «jane@example.com» now'),
      labelled('to «jane at example.com» now'),
      { text: 'to joe@example.com', spans: [] },
    ];
    const [tally] = judgeData(data, set);
    expect(tally).toMatchObject({ entity: 'email', samples: 2, found: 1, hidden: 1, right: 1, wrong: 1 });
    expect(tally === undefined ? [] : [precisionOf(tally), recallOf(tally)]).toEqual([0.5, 0.5]);
    expect(tally?.missed).toEqual(['"to «jane at example.com» now"']);
    expect(tally?.invented).toEqual(['"to «joe@example.com»"']);
  });

  it('takes a value that is found under another name for hidden, not for found', () => {
    const tallies = judgeData([labelled('to «jane@example.com» now', 'person')], set);
    expect(tallies).toMatchObject([
      { entity: 'email', samples: 0, wrong: 1, invented: ['"to «jane@example.com» now" which is person'] },
      { entity: 'person', samples: 1, found: 0, hidden: 1, missed: ['"to «jane@example.com» now" taken for email'] },
    ]);
  });
});

describe('the report', () => {
  it('marks what is below its bar, and tells entities that are not ours or not labelled', () => {
    const tallies = judgeData([labelled('to «jane at example.com» now'), labelled('in «Paris»', 'location')], set);
    const report = writeReport('some data', tallies, ours);
    expect(report).toContain('below its bar: recall 1, precision 0.98');
    expect(report).toMatch(/location +1 samples: no detector of ours/);
    expect(tallies.filter((tally) => !reachesBar(tally)).map(({ entity }) => entity)).toEqual(['email']);
    const unlabelled = judgeData([{ text: 'to joe@example.com', spans: [] }], set);
    expect(writeReport('some data', unlabelled, ours)).toMatch(/email +found 1 times, and not labelled/);
    expect(unlabelled.every(reachesBar)).toBe(true);
  });
});

describe('a file of labelled texts', () => {
  it.each([
    ['CREDIT_CARD', 'card'],
    ['EMAIL_ADDRESS', 'email'],
    ['US_SSN', 'us_ssn'],
    ['PHONE_NUMBER', 'phone'],
    ['IP_ADDRESS', 'ip'],
    ['IBAN_CODE', 'iban'],
    ['IN_PAN', 'in_pan'],
    ['aadhaar', 'aadhaar'],
    ['PERSON', 'person'],
  ])('calls %s %s', (label, entity) => {
    expect(entityOf(label)).toBe(entity);
  });

  it.each([
    ['no JSON', '{"text": "a"', 'data.jsonl:2: the line is no JSON'],
    ['no spans', '{"text": "a"}', 'data.jsonl:2: each line must be'],
  ])('is refused with the number of the line: %s', (_name, line, message) => {
    using dir = makeTempDir();
    const path = dir.file('data.jsonl');
    writeFileSync(path, `{"text": "a", "spans": []}\n${line}\n`);
    expect(() => readLabelled(path)).toThrow(message);
  });

  it.each([
    ['passes where every bar is reached', 'to «jane@example.com» now', 0, 1],
    ['fails where one is missed', 'to «jane at example.com» now', 1, 0],
  ])('%s', (_name, marked, status, recall) => {
    using dir = makeTempDir();
    const [data, json] = [dir.file('data.jsonl'), dir.file('figures.json')];
    writeFileSync(data, `${JSON.stringify(labelled(marked, 'EMAIL_ADDRESS'))}\n`);
    const run = spawnSync(process.execPath, ['test/quality/quality.ts', '--data', data, '--json', json], { encoding: 'utf8' });
    expect(run.status).toBe(status);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual([{ entity: 'email', precision: 1, recall, samples: 1 }]);
  });
});
