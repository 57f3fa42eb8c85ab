/**
 * Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding of the submission (0x01), which Node's SHA-3 does not offer. Lanes of
 * 64 bits are pairs of 32, low half first: integers of 64 bits would be ten times slower.
 */
const rounds = 24;
const rateBytes = 136;
const lanes = 25;

/** Where each lane comes from in step π (the first half of the pair), and by how much it turns in step ρ. */
const sources = new Uint8Array(lanes);
const turns = new Uint8Array(lanes);
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
    constants[at] = (constants[at] ?? 0) ^ ((register & 1) << (bit % 32));
    register = (register << 1) ^ (register >> 7 === 1 ? 0x171 : 0);
  }
}

const half = (state: Int32Array, at: number): number => state[at] ?? 0;

/** The first half of a lane turned to the left by less than 64: given the other way round, its other half. */
function turned(near: number, far: number, by: number): number {
  if (by === 0) {
    return near;
  }
  if (by === 32) {
    return far;
  }
  return by < 32 ? (near << by) | (far >>> (32 - by)) : (far << (by - 32)) | (near >>> (64 - by));
}

function mixColumns(state: Int32Array, columns: Int32Array): void {
  for (let at = 0; at < 10; at += 1) {
    columns[at] = half(state, at) ^ half(state, at + 10) ^ half(state, at + 20) ^ half(state, at + 30) ^ half(state, at + 40);
  }
  for (let at = 0; at < 10; at += 2) {
    const left = at < 2 ? 8 : at - 2;
    const right = at > 7 ? 0 : at + 2;
    const low = half(columns, left) ^ turned(half(columns, right), half(columns, right + 1), 1);
    const high = half(columns, left + 1) ^ turned(half(columns, right + 1), half(columns, right), 1);
    for (let row = at; row < 50; row += 10) {
      state[row] = half(state, row) ^ low;
      state[row + 1] = half(state, row + 1) ^ high;
    }
  }
}

function permute(state: Int32Array): void {
  const columns = new Int32Array(10);
  const moved = new Int32Array(50);
  for (let round = 0; round < rounds; round += 1) {
    mixColumns(state, columns);
    for (let lane = 0; lane < lanes; lane += 1) {
      const from = sources[lane] ?? 0;
      const turn = turns[lane] ?? 0;
      moved[lane * 2] = turned(half(state, from), half(state, from + 1), turn);
      moved[lane * 2 + 1] = turned(half(state, from + 1), half(state, from), turn);
    }
    for (let row = 0; row < 50; row += 10) {
      for (let at = 0; at < 10; at += 1) {
        const next = at < 8 ? at + 2 : at - 8;
        const afterNext = at < 6 ? at + 4 : at - 6;
        state[row + at] = half(moved, row + at) ^ (~half(moved, row + next) & half(moved, row + afterNext));
      }
    }
    state[0] = half(state, 0) ^ half(constants, round * 2);
    state[1] = half(state, 1) ^ half(constants, round * 2 + 1);
  }
}

/** The digest of ASCII text of less than one block (136 characters), 64 hex digits. */
export function keccak256(text: string): string {
  const block = Buffer.alloc(200);
  block.write(text, 'latin1');
  block[text.length] = 0x01;
  block[rateBytes - 1] = (block[rateBytes - 1] ?? 0) | 0x80;
  const state = new Int32Array(lanes * 2);
  for (let at = 0; at < state.length; at += 1) {
    state[at] = block.readInt32LE(at * 4);
  }
  permute(state);
  const digest = Buffer.alloc(32);
  for (let at = 0; at < 8; at += 1) {
    digest.writeInt32LE(half(state, at), at * 4);
  }
  return digest.toString('hex');
}
