#!/usr/bin/env node
import { runSallyport } from './run.ts';

process.exitCode = await runSallyport(process.argv.slice(2));
