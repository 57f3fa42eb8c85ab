import type { Random } from './random.ts';
import { hex, lower, upper } from './random-text.ts';

const alphanumeric = `${lower}${upper}0123456789`;
const two = (random: Random, below: number): string => String(1 + random.int(below)).padStart(2, '0');
const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => random.text(length, hex)).join('-');
const date = (random: Random): string => `20${two(random, 26)}-${two(random, 12)}-${two(random, 28)}`;

/** What looks like personal data and is none. */
const makers: readonly [(random: Random) => string, ...((random: Random) => string)[]] = [
  (random) => `Order number ${random.digits(10 + random.int(7))} has shipped.`,
  (random) => `order_id=${random.digits(12)}&page=2`,
  (random) => `{"orderId": "${random.digits(12)}", "total": ${String(random.int(9999))}.99}`,
  (random) => `Tracking number 1Z${random.text(16, `${upper}0123456789`)} is on its way.`,
  (random) => `tracking: ${random.digits(12)}`,
  (random) => `Invoice INV-${random.digits(8)}, due ${date(random)}.`,
  (random) => `timestamp ${String(1_600_000_000 + random.int(300_000_000))}`,
  (random) => `"ts": ${String(1_600_000_000_000 + random.int(300_000_000_000))},`,
  (random) => `backup-20${two(random, 26)}${two(random, 12)}${two(random, 28)}${two(random, 23)}${two(random, 59)}.tar.gz`,
  (random) => `taken at 20${two(random, 26)}${two(random, 12)}${two(random, 28)}${two(random, 23)}${two(random, 59)}`,
  (random) => `id ${uuid(random)} was deleted`,
  (random) => `sha1 ${random.text(40, hex)}`,
  (random) => `sha256:${random.text(64, hex)}`,
  (random) => `commit ${random.text(7, hex)} fixes #${random.digits(4)}`,
  (random) => `version ${String(random.int(30))}.${String(random.int(30))}.${String(random.int(30))}.${String(random.int(3000))}`,
  (random) => `upgraded to v${String(random.int(9))}.${String(random.int(20))}.${String(random.int(20))}.${String(random.int(20))} today`,
  (random) =>
    `see chapter ${String(1 + random.int(9))}.${String(1 + random.int(9))}.${String(1 + random.int(9))}.${String(1 + random.int(9))}`,
  (random) => `npm install left-pad@${String(random.int(9))}.${String(random.int(20))}.${String(random.int(20))}`,
  (random) => `It costs $${String(1 + random.int(9))},${random.digits(3)},${random.digits(3)}.${random.digits(2)} in total.`,
  (random) => `1 ${random.digits(3)} ${random.digits(3)} ${random.digits(3)} euros`,
  (random) => `pi is about 3.${random.digits(16)}`,
  (random) => `[0.${random.digits(16)}, -0.${random.digits(17)}, 1.${random.digits(15)}]`,
  (random) => `at ${String(random.int(90))}.${random.digits(6)}, ${String(random.int(180))}.${random.digits(6)}`,
  (random) => `from ${date(random)} to ${date(random)}, ${two(random, 23)}:${two(random, 59)}:${two(random, 59)}`,
  (random) => `ISBN 978-${random.digits(1)}-${random.digits(4)}-${random.digits(4)}-${random.digits(1)}`,
  (random) => `part no. ${random.text(3, upper)}-${random.digits(4)}-${random.digits(4)}`,
  (random) => `SKU ${random.text(2, upper)}${random.digits(8)}`,
  (random) => `ticket ${random.text(4, upper)}-${random.digits(5)} is a duplicate of ${random.text(4, upper)}-${random.digits(5)}`,
  (random) => `arn:aws:iam::${random.digits(12)}:role/deploy`,
  (random) => `request id ${random.text(22, alphanumeric)}`,
  (random) => `color: #${random.text(6, hex)}; width: ${random.digits(4)}px`,
  (random) => `std::vector<int> v = foo::bar(${random.digits(2)}); a::b();`,
  () => '@Injectable() class Foo { @Input() name = x@y; }',
  (random) => `https://cdn.example.org/npm/left-pad%40${String(random.int(9))}.${String(random.int(20))}.0/%40scope%2Fdist.js`,
  (random) => `GET /search?q=${random.text(5, lower)}%20%40%20${random.text(6, lower)}.com&page=${random.digits(1)}`,
  (random) => `y = x @ self.weight + ${random.digits(3)}`,
  (random) => `git@github.internal-host:team/repo-${random.digits(3)}.git`.replace('@github.internal-host', ' clone'),
  (random) => `the range ${random.digits(4)}-${random.digits(4)} on pages ${random.digits(3)}-${random.digits(3)}`,
  (random) => `batch ${random.digits(16)}`,
  (random) => `serial: ${random.digits(4)}-${random.digits(4)}-${random.digits(4)}`,
  (random) => `GET /items/${random.digits(9)}?page=${String(1 + random.int(99))} 200 ${String(1 + random.int(99_999))}`,
  (random) => `${String(1 + random.int(99_999))} of ${String(1 + random.int(99_999))} rows in ${String(1 + random.int(999))} ms`,
  (random) => `scores: ${Array.from({ length: 5 }, () => String(10 + random.int(90))).join(' ')}`,
  (random) => `flight LH${random.digits(4)}, seat ${random.digits(2)}A, gate B${random.digits(2)}`,
  (random) => `certificate ${Array.from({ length: 20 }, () => random.text(2, hex)).join(':')}`,
  (random) => `0x${random.text(8, hex)} at 0x${random.text(16, hex)}`,
  (random) => `Reference: ${random.digits(10)}`,
  (random) => `the population was ${String(100 + random.int(900))} ${random.digits(3)} ${random.digits(3)} in 2020`,
  (random) => `postgres://user:password@localhost:5432/db${random.digits(1)}`,
  (random) => `Content-Length: ${random.digits(7)}\r\nX-Request-Id: ${random.text(32, hex)}`,
];

/** A text without any of our entities. */
export const negative = (random: Random): string => random.pick(makers)(random);
