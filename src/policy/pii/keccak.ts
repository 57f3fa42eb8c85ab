/**
 * Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding of the submission (0x01), which Node's SHA-3 does not offer. Lanes of
 * 64 bits are pairs of 32, low half first: integers of 64 bits would be ten times slower.
 */
const rounds = 24;
const rateBytes = 136;
const lanes = 25;

const half = (halves: Int32Array, at: number): number => halves[at] ?? 0;

/** For each lane where it comes from in step π (the first half of the pair), and by how much it turns in step ρ. */
const sources = new Int32Array(lanes);
const turns = new Int32Array(lanes);
for (let step = 0, x = 1, y = 0; step < 24; step += 1) {
  const [toX, toY] = [y, (2 * x + 3 * y) % 5];
  sources[toX + 5 * toY] = (x + 5 * y) * 2;
  turns[toX + 5 * toY] = (((step + 1) * (step + 2)) / 2) % 64;
  [x, y] = [toX, toY];
}

/** Round constants by the shift register of step ι: low and high halves. */
const constants = new Int32Array(rounds * 2);
for (let round = 0, register = 1; round < rounds; round += 1) {
  for (let power = 0; power < 7; power += 1) {
    const bit = 2 ** power - 1;
    const at = round * 2 + (bit < 32 ? 0 : 1);
    constants[at] = half(constants, at) ^ ((register & 1) << (bit % 32));
    register = (register << 1) ^ (register >> 7 === 1 ? 0x171 : 0);
  }
}

/** The parity of each column, added to its neighbours: step θ. */
function mixColumns(state: Int32Array, columns: Int32Array): void {
  for (let at = 0; at < 10; at += 1) {
    columns[at] = half(state, at) ^ half(state, at + 10) ^ half(state, at + 20) ^ half(state, at + 30) ^ half(state, at + 40);
  }
  for (let at = 0; at < 10; at += 2) {
    const left = at < 2 ? 8 : at - 2;
    const right = at > 7 ? 0 : at + 2;
    const [rightLow, rightHigh] = [half(columns, right), half(columns, right + 1)];
    const low = half(columns, left) ^ ((rightLow << 1) | (rightHigh >>> 31));
    const high = half(columns, left + 1) ^ ((rightHigh << 1) | (rightLow >>> 31));
    for (let row = at; row < 50; row += 10) {
      state[row] = half(state, row) ^ low;
      state[row + 1] = half(state, row + 1) ^ high;
    }
  }
}

/** Steps ρ and π. A turn by 32 and more is one by 32 less with the halves exchanged; none is by 32. */
function turnLanes(state: Int32Array, moved: Int32Array): void {
  moved[0] = half(state, 0);
  moved[1] = half(state, 1);
  for (let lane = 1; lane < lanes; lane += 1) {
    const from = half(sources, lane);
    const turn = half(turns, lane);
    const exchanged = turn >> 5;
    const low = half(state, from + exchanged);
    const high = half(state, from + 1 - exchanged);
    moved[lane * 2] = (low << turn) | (high >>> -turn);
    moved[lane * 2 + 1] = (high << turn) | (low >>> -turn);
  }
}

/** Step χ. */
function combineRows(moved: Int32Array, state: Int32Array): void {
  for (let row = 0; row < 50; row += 10) {
    for (let at = 0; at < 10; at += 1) {
      const next = at < 8 ? at + 2 : at - 8;
      const afterNext = at < 6 ? at + 4 : at - 6;
      state[row + at] = half(moved, row + at) ^ (~half(moved, row + next) & half(moved, row + afterNext));
    }
  }
}

/** The digest of ASCII text of at most 134 characters, 64 hex digits. */
export function keccak256(text: string): string {
  const state = new Int32Array(lanes * 2);
  const bytes = Buffer.from(state.buffer);
  bytes.write(text, 'latin1');
  bytes.writeUInt8(0x01, text.length);
  bytes.writeUInt8(0x80, rateBytes - 1);
  const columns = new Int32Array(10);
  const moved = new Int32Array(lanes * 2);
  for (let round = 0; round < rounds; round += 1) {
    mixColumns(state, columns);
    turnLanes(state, moved);
    combineRows(moved, state);
    state[0] = half(state, 0) ^ half(constants, round * 2);
    state[1] = half(state, 1) ^ half(constants, round * 2 + 1);
  }
  return bytes.toString('hex', 0, 32);
}
