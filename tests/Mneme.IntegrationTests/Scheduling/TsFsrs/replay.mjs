// Replays histories by ts-fsrs: JSON lines on standard input, as `mneme study replay` takes them, and one for each on standard output, with the retrievability before each review.
import { createInterface } from 'node:readline';
import { createEmptyCard, fsrs } from 'ts-fsrs';

const day = 24 * 60 * 60 * 1000;
for await (const line of createInterface({ input: process.stdin })) {
  const history = JSON.parse(line);
  const scheduler = fsrs({ w: history.w, request_retention: history.rr, enable_short_term: history.st, enable_fuzz: false });
  let time = Date.UTC(2026, 0, 1, 12);
  let card = createEmptyCard(new Date(time));
  const e = [];
  const r = [];
  history.g.forEach((rating, i) => {
    time += i === 0 ? 0 : history.d[i] * day;
    r.push(i === 0 ? null : scheduler.forgetting_curve(history.d[i], card.stability));
    card = scheduler.next(card, new Date(time), rating).card;
    e.push([card.stability, card.difficulty, card.scheduled_days, card.state]);
  });
  process.stdout.write(`${JSON.stringify({ id: history.id, e, r })}\n`);
}
