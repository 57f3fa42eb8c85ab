// Prints "N passed, N failed" from vitest's JSON results; fails where there are none. Built-ins only.
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ readonly numPassedTests: number, readonly numFailedTests: number, readonly success: boolean }} Results */

const file = process.argv[2] ?? '';
/** @type {Results} */
const none = { numPassedTests: 0, numFailedTests: 1, success: false };
/** @type {Results} */
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : none;
const good = results.success && results.numPassedTests > 0;
// A suite that cannot even be loaded fails no single test, and must not look like success.
const failed = good ? 0 : Math.max(1, results.numFailedTests);
process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
process.exitCode = good ? 0 : 1;
