// Prints what failed and then "N passed, N failed" from vitest's JSON results; fails where there are none. Built-ins only.
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ readonly fullName: string, readonly status: string, readonly failureMessages?: readonly string[] }} Test */
/** @typedef {{ readonly name: string, readonly status: string, readonly message?: string, readonly assertionResults?: readonly Test[] }} Suite */
/** @typedef {{ readonly numPassedTests: number, readonly numFailedTests: number, readonly success: boolean, readonly testResults?: readonly Suite[] }} Results */

const messageLines = 6;

/** @param {string} text */
const short = (text) => text.split('\n').slice(0, messageLines).join('\n    ');

/** @param {Suite} suite @returns {readonly string[]} */
function failures(suite) {
  const failed = (suite.assertionResults ?? []).filter(({ status }) => status === 'failed');
  if (failed.length === 0 && suite.status === 'failed') {
    return [`${suite.name}\n    ${short(suite.message ?? '')}`];
  }
  return failed.map(({ fullName, failureMessages = [] }) => `${suite.name} > ${fullName}\n    ${short(failureMessages.join('\n'))}`);
}

const file = process.argv[2] ?? '';
/** @type {Results} */
const none = { numPassedTests: 0, numFailedTests: 1, success: false };
/** @type {Results} */
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : none;
const good = results.success && results.numPassedTests > 0;
// Here once more, because what a run prints last is what is kept of it.
for (const failure of (results.testResults ?? []).flatMap(failures)) {
  process.stdout.write(`FAILED ${failure}\n`);
}
// A suite that cannot even be loaded fails no single test, and must not look like success.
const failed = good ? 0 : Math.max(1, results.numFailedTests);
process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
process.exitCode = good ? 0 : 1;
