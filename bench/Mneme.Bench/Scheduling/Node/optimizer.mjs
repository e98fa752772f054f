// Fits by fsrs-rs: the file of reviews as argument, weights, seconds of the fit and the peak of memory (MiB) on standard output.
import { readFileSync } from 'node:fs';
import { computeParameters, convertCsvToFsrsItems } from '@open-spaced-repetition/binding';

const items = convertCsvToFsrsItems(readFileSync(process.argv[2]), 0, 'UTC', () => 0);
const before = process.resourceUsage().maxRSS / 1024;
const start = process.hrtime.bigint();
const weights = await computeParameters(items, { enableShortTerm: true, numRelearningSteps: 1 });
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
process.stdout.write(JSON.stringify({ items: items.length, weights, seconds, before, memory: process.resourceUsage().maxRSS / 1024 }));
