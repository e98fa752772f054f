// Measures ts-fsrs: histories as JSON on standard input ([[ratings, days], …]), the seconds for each measurement as argument; reviews a second on standard output.
import { createEmptyCard, fsrs, FSRSAlgorithm } from 'ts-fsrs';

let input = '';
for await (const chunk of process.stdin) input += chunk;
const histories = JSON.parse(input);
const seconds = Number(process.argv[2]);
const day = 24 * 60 * 60 * 1000;

function rate(replay) {
  for (let i = 0; i < 2; i++) histories.forEach(replay);
  let reviews = 0;
  const start = process.hrtime.bigint();
  while (Number(process.hrtime.bigint() - start) < seconds * 1e9) {
    for (const history of histories) {
      replay(history);
      reviews += history[0].length;
    }
  }
  return reviews / (Number(process.hrtime.bigint() - start) / 1e9);
}

const algorithm = new FSRSAlgorithm({});
const scheduler = fsrs({ enable_fuzz: true });
const nextState = rate(([ratings, days]) => {
  let memory = null;
  for (let i = 0; i < ratings.length; i++) memory = algorithm.next_state(memory, days[i], ratings[i]);
});
const next = rate(([ratings, days]) => {
  let time = 1767268800000;
  let card = createEmptyCard(new Date(time));
  for (let i = 0; i < ratings.length; i++) {
    time += days[i] * day;
    card = scheduler.next(card, new Date(time), ratings[i]).card;
  }
});
process.stdout.write(JSON.stringify({ nextState, next }));
