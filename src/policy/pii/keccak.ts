/**
 * Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding of the submission (0x01), which Node's SHA-3 does not offer. Lanes of
 * 64 bits are pairs of 32, low half first: integers of 64 bits would be ten times slower.
 */
const rounds = 24;
const rateBytes = 136;
const lanes = 25;

const bytesPerHalf = 4;
const halves = (count: number): DataView => new DataView(new ArrayBuffer(count * bytesPerHalf));
const half = (state: DataView, at: number): number => state.getInt32(at * bytesPerHalf, true);
const setHalf = (state: DataView, at: number, value: number): void => {
  state.setInt32(at * bytesPerHalf, value, true);
};

/** Where each lane comes from in step π (the first half of the pair), and by how much it turns in step ρ. */
const sources = Buffer.alloc(lanes);
const turns = Buffer.alloc(lanes);
for (let step = 0, x = 1, y = 0; step < 24; step += 1) {
  const [toX, toY] = [y, (2 * x + 3 * y) % 5];
  sources[toX + 5 * toY] = (x + 5 * y) * 2;
  turns[toX + 5 * toY] = (((step + 1) * (step + 2)) / 2) % 64;
  [x, y] = [toX, toY];
}

/** Round constants by the shift register of step ι: low and high halves. */
const constants = halves(rounds * 2);
for (let round = 0, register = 1; round < rounds; round += 1) {
  for (let power = 0; power < 7; power += 1) {
    const bit = 2 ** power - 1;
    const at = round * 2 + (bit < 32 ? 0 : 1);
    setHalf(constants, at, half(constants, at) ^ ((register & 1) << (bit % 32)));
    register = (register << 1) ^ (register >> 7 === 1 ? 0x171 : 0);
  }
}

/** The first half of a lane turned to the left by less than 64, and by 32 nowhere: given the other way round, its other half. */
function turned(near: number, far: number, by: number): number {
  if (by === 0) {
    return near;
  }
  return by < 32 ? (near << by) | (far >>> (32 - by)) : (far << (by - 32)) | (near >>> (64 - by));
}

function mixColumns(state: DataView, columns: DataView): void {
  for (let at = 0; at < 10; at += 1) {
    setHalf(columns, at, half(state, at) ^ half(state, at + 10) ^ half(state, at + 20) ^ half(state, at + 30) ^ half(state, at + 40));
  }
  for (let at = 0; at < 10; at += 2) {
    const left = at < 2 ? 8 : at - 2;
    const right = at > 7 ? 0 : at + 2;
    const low = half(columns, left) ^ turned(half(columns, right), half(columns, right + 1), 1);
    const high = half(columns, left + 1) ^ turned(half(columns, right + 1), half(columns, right), 1);
    for (let row = at; row < 50; row += 10) {
      setHalf(state, row, half(state, row) ^ low);
      setHalf(state, row + 1, half(state, row + 1) ^ high);
    }
  }
}

function permute(state: DataView): void {
  const columns = halves(10);
  const moved = halves(50);
  for (let round = 0; round < rounds; round += 1) {
    mixColumns(state, columns);
    for (let lane = 0; lane < lanes; lane += 1) {
      const from = sources.readUInt8(lane);
      const turn = turns.readUInt8(lane);
      setHalf(moved, lane * 2, turned(half(state, from), half(state, from + 1), turn));
      setHalf(moved, lane * 2 + 1, turned(half(state, from + 1), half(state, from), turn));
    }
    for (let row = 0; row < 50; row += 10) {
      for (let at = 0; at < 10; at += 1) {
        const next = at < 8 ? at + 2 : at - 8;
        const afterNext = at < 6 ? at + 4 : at - 6;
        setHalf(state, row + at, half(moved, row + at) ^ (~half(moved, row + next) & half(moved, row + afterNext)));
      }
    }
    setHalf(state, 0, half(state, 0) ^ half(constants, round * 2));
    setHalf(state, 1, half(state, 1) ^ half(constants, round * 2 + 1));
  }
}

/** The digest of ASCII text of less than one block (136 characters), 64 hex digits. */
export function keccak256(text: string): string {
  const state = halves(lanes * 2);
  for (let at = 0; at < text.length; at += 1) {
    state.setUint8(at, text.charCodeAt(at));
  }
  state.setUint8(text.length, 0x01);
  state.setUint8(rateBytes - 1, state.getUint8(rateBytes - 1) | 0x80);
  permute(state);
  return Buffer.from(state.buffer, 0, 32).toString('hex');
}
