import fc from 'fast-check';
import { expect } from 'vitest';
import { detectWhole, openDetection, type Piece } from '../../src/policy/detect/detection.ts';
import type { DetectorSet } from '../../src/policy/detect/detector-set.ts';

/** The pieces with neighbouring texts joined: where a text is cut must not matter. */
function join(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') {
      joined[joined.length - 1] = { kind: 'text', text: last.text + piece.text };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}

export function detectInChunks(chunks: readonly string[], set: DetectorSet): readonly Piece[] {
  const detection = openDetection(set);
  return join([...chunks.flatMap((chunk) => detection.push(chunk)), ...detection.end()]);
}

export function wholePieces(text: string, set: DetectorSet): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { entity, rule, start, end } of detectWhole(text, set)) {
    pieces.push({ kind: 'text', text: text.slice(at, start) }, { kind: 'region', entity, rule, text: text.slice(start, end) });
    at = end;
  }
  return join([...pieces, { kind: 'text' as const, text: text.slice(at) }].filter((piece) => piece.text !== ''));
}

export const inChunksOf = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));

/** Cuts `text` into chunks of the given sizes, again and again; a size of 0 is an empty chunk. */
function cut(text: string, sizes: readonly number[]): readonly string[] {
  const chunks: string[] = [];
  let at = 0;
  for (let index = 0; at < text.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}

export const chunkSizes = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 12 }).filter((list) => list.some((size) => size > 0));

export function expectStreamIsWhole(text: string, set: DetectorSet, sizes: readonly number[]): void {
  const whole = wholePieces(text, set);
  expect(detectInChunks(cut(text, sizes), set)).toEqual(whole);
  expect(detectInChunks(inChunksOf(text, 1), set)).toEqual(whole);
}
