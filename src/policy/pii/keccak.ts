/**
 * Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding of the submission (0x01), which Node's SHA-3 does not offer. Lanes of
 * 64 bits are pairs of 32, low half first: integers of 64 bits would be ten times slower.
 */
const rounds = 24;
const rateBytes = 136;

/** Where each lane goes in step π, and by how much it turns in step ρ. */
const moves = laneMoves();

function laneMoves(): readonly { readonly from: number; readonly to: number; readonly turn: number }[] {
  let [x, y] = [1, 0];
  return Array.from({ length: 24 }, (_, step) => {
    const from = x + 5 * y;
    [x, y] = [y, (2 * x + 3 * y) % 5];
    return { from: from * 2, to: (x + 5 * y) * 2, turn: (((step + 1) * (step + 2)) / 2) % 64 };
  });
}

/** Round constants by the shift register of step ι: low and high halves. */
const constants = roundConstants();

function roundConstants(): Int32Array {
  const halves = new Int32Array(rounds * 2);
  let register = 1;
  for (let round = 0; round < rounds; round += 1) {
    for (let power = 0; power < 7; power += 1) {
      const bit = 2 ** power - 1;
      if ((register & 1) === 1) {
        const at = round * 2 + (bit < 32 ? 0 : 1);
        halves[at] = (halves[at] ?? 0) ^ (1 << (bit % 32));
      }
      register = (register << 1) ^ (register >> 7 === 1 ? 0x171 : 0);
    }
  }
  return halves;
}

const half = (state: Int32Array, at: number): number => state[at] ?? 0;

/** The low half of a lane turned to the left; with the halves given the other way round, its high half. */
const turned = (low: number, high: number, by: number): number => {
  const bits = by % 32;
  const near = by < 32 ? low : high;
  return bits === 0 ? near : (near << bits) | ((by < 32 ? high : low) >>> (32 - bits));
};

function mixColumns(state: Int32Array, columns: Int32Array): void {
  for (let at = 0; at < 10; at += 1) {
    columns[at] = half(state, at) ^ half(state, at + 10) ^ half(state, at + 20) ^ half(state, at + 30) ^ half(state, at + 40);
  }
  for (let x = 0; x < 5; x += 1) {
    const left = ((x + 4) % 5) * 2;
    const right = ((x + 1) % 5) * 2;
    const low = half(columns, left) ^ turned(half(columns, right), half(columns, right + 1), 1);
    const high = half(columns, left + 1) ^ turned(half(columns, right + 1), half(columns, right), 1);
    for (let at = x * 2; at < 50; at += 10) {
      state[at] = half(state, at) ^ low;
      state[at + 1] = half(state, at + 1) ^ high;
    }
  }
}

function permute(state: Int32Array): void {
  const columns = new Int32Array(10);
  const moved = new Int32Array(50);
  for (let round = 0; round < rounds; round += 1) {
    mixColumns(state, columns);
    moved[0] = half(state, 0);
    moved[1] = half(state, 1);
    for (const { from, to, turn } of moves) {
      moved[to] = turned(half(state, from), half(state, from + 1), turn);
      moved[to + 1] = turned(half(state, from + 1), half(state, from), turn);
    }
    for (let row = 0; row < 50; row += 10) {
      for (let at = 0; at < 10; at += 1) {
        state[row + at] = half(moved, row + at) ^ (~half(moved, row + ((at + 2) % 10)) & half(moved, row + ((at + 4) % 10)));
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
  const state = Int32Array.from({ length: 50 }, (_, at) => block.readInt32LE(at * 4));
  permute(state);
  const digest = Buffer.alloc(32);
  for (let at = 0; at < 8; at += 1) {
    digest.writeInt32LE(half(state, at), at * 4);
  }
  return digest.toString('hex');
}
