import type { Eventually } from '../core/eventually.ts';
import { andThen, fault, next, type Outcome } from '../core/outcome.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import type { Ports } from './ports.ts';

/** As Presidio calls names of persons. */
const foundAs = 'PERSON';
/** A shorter one is an initial, or a mistake; one that is longer is taken word by word. UTF-16 units. */
const nameMin = 2;
const nameMax = 64;

/** The names of persons that an analyzer finds in what a request says. Without its answer nothing is masked, so nothing may go on. */
export const findNames = (
  ports: Ports,
  finder: string,
  { operation, bytes }: { readonly operation: BodyOperation; readonly bytes: Uint8Array },
): Eventually<Outcome<readonly string[]>> =>
  andThen(ports.inspectRequest({ operation, bytes, injection: undefined }), ({ texts }) =>
    ports.guards.find(finder, texts, AbortSignal.timeout(ports.settings().stageMsMax)).then((answer) => {
      if (answer.kind === 'fault') {
        return fault('mask', 'guard', `${finder} fault ${answer.cause}`);
      }
      const names = answer.entities.flatMap((found, index) =>
        found.filter(({ entity }) => entity === foundAs).map(({ start, end }) => (texts[index] ?? '').slice(start, end)),
      );
      return next([...new Set(names.flatMap((name) => partsOf(name)))]);
    }),
  );

/** A name as a text has it, without what stands around it. */
function partsOf(found: string): readonly string[] {
  const name = found.replaceAll(/^[^\p{L}\p{N}]+|\s+$/gu, '');
  const parts = name.length <= nameMax ? [name] : name.split(/[^\p{L}\p{N}]+/u);
  return parts.filter((part) => part.length >= nameMin && part.length <= nameMax);
}
