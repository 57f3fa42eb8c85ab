import type { Buffer } from 'node:buffer';
import { PERSON } from '../core/entity-list.ts';
import type { Caller } from '../core/caller.ts';
import type { Eventually } from '../core/eventually.ts';
import type { Endpoint } from '../core/operation.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import type { Access } from '../policy/access.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import type { Masking } from '../policy/masking/masking.ts';
import { holderOf, maskingKey } from '../policy/masking/placeholder.ts';
import type { MaskedRequest } from '../policy/masking/mask-request.ts';
import { judgeMaskedSize } from '../policy/masking/masked-size.ts';
import type { MaskRequestWork } from './body-work.ts';
import { findNames } from './find-names.ts';
import { openPepperMac } from './pepper-mac.ts';
import type { Ports } from './ports.ts';

/** A body as a provider may get it, and how it reads. */
export interface Content {
  readonly bytes: Buffer;
  readonly body: JudgedBody;
  /** What its answer needs; undefined where nothing is masked for this caller. */
  readonly masked: MaskedContent | undefined;
}

export interface MaskedContent {
  readonly masking: Masking;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly said: ReadonlySet<string>;
  readonly counts: ReadonlyMap<string, number>;
}

export interface ContentFacts {
  readonly caller: Caller;
  readonly access: Access;
  readonly endpoint: Endpoint;
  readonly bytes: Buffer;
  readonly body: JudgedBody;
}

const keyOf = openPepperMac('mask', maskingKey);

/** Hides what the caller's policies want hidden. What was changed is judged anew: places in it have moved, and it may have grown. */
export function maskContent(ports: Ports, { caller, access, endpoint, bytes, body }: ContentFacts): Eventually<Outcome<Content>> {
  const masking = ports.settings().masking(access);
  if (masking === undefined) {
    return next({ bytes, body, masked: undefined });
  }
  return andThen(keyOf(ports.credentials), (key) =>
    andThen(maskNamed(ports, { operation: body.operation, bytes, masking, key, holder: holderOf(caller) }), (found) => {
      const { placeholders, said, counts } = found;
      const masked = { masking, placeholders, said, counts };
      if (found.body.equals(bytes)) {
        return next({ bytes, body, masked });
      }
      return andThen(judgeMaskedSize(found.body, ports.settings().bodyBytesMax), () =>
        andThen(ports.judgeBody(endpoint, found.body), (judged) => next({ bytes: found.body, body: judged, masked })),
      );
    }),
  );
}

/** Masks a request, with the names that an analyzer finds in it where the settings have one and the caller's policies ask for names. */
function maskNamed(ports: Ports, work: Omit<MaskRequestWork, 'op' | 'names'>): Eventually<Outcome<MaskedRequest>> {
  const { nameFinder } = ports.settings();
  if (nameFinder === undefined || work.masking.rule.request?.actions.has(PERSON) !== true) {
    return ports.maskRequest({ ...work, names: [] });
  }
  return andThen(findNames(ports, nameFinder, work), (names) => ports.maskRequest({ ...work, names }));
}
