import type { Buffer } from 'node:buffer';
import { never } from '../../core/assert.ts';
import { lookAlike, type MaskAction } from '../../core/masking.ts';
import { deny, next, type Denied, type Outcome } from '../../core/outcome.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { requestTexts } from '../llm/texts/body-texts.ts';
import { describePlace, type Place, type Unreadable } from '../llm/texts/site.ts';
import { writeBack, type Replacement } from '../llm/texts/write-back.ts';
import { openFindings } from './findings.ts';
import { withLookAlikes } from './look-alikes.ts';
import { openNames } from './names-apart.ts';
import { redaction } from './placeholder.ts';
import { unseenIn, type MaskingPlan, type RequestPlan } from './plan.ts';
import { contextOf, maskSite, readSites, type ReadSite } from './request-sites.ts';
import type { Hide } from './text-mask.ts';

/** A request as its provider gets it. Plain data, so that it can come from another thread. */
export interface MaskedRequest {
  readonly body: Buffer;
  /** Placeholders that come back as what they stand for; empty where nothing does. */
  readonly placeholders: ReadonlyMap<string, string>;
  /** Values that the client sent and that answers are searched for: it may be told them. */
  readonly said: ReadonlySet<string>;
  readonly counts: ReadonlyMap<string, number>;
}

export interface RequestSubject {
  readonly operation: BodyOperation;
  readonly bytes: Uint8Array;
  readonly plan: MaskingPlan;
  readonly placeholderOf: (entity: string, value: string) => string;
  /** For whoever wants to know where; the log does not. */
  readonly observer?: MaskObserver;
}

/** Something that was found: where, and what is done with it. Nothing of what it says. */
export interface PlacedFinding {
  readonly entity: string;
  readonly action: MaskAction;
  readonly place: Place;
}

export interface MaskObserver {
  /** The request is gone through from its beginning, perhaps for the second time: what was told before no longer holds. */
  begin(): void;
  found(finding: PlacedFinding): void;
}

/**
 * Hides what a policy wants hidden in every text of a request that `judgeBody` accepted. Denies what is to be blocked, and what cannot be
 * looked through unless the policy lets it pass: nothing goes on unseen. The same bytes, uncopied, where nothing is hidden.
 */
export function maskRequest(subject: RequestSubject): Outcome<MaskedRequest> {
  const { operation, bytes, plan } = subject;
  const direction = plan.request;
  if (direction === undefined) {
    return next({ body: writeBack(bytes, []), placeholders: new Map(), said: new Set(), counts: new Map() });
  }
  const { sites, unreadable } = requestTexts(operation, bytes);
  const unseen = unseenIn(direction, unreadable);
  if (unseen !== undefined) {
    return refuseUnreadable(unseen);
  }
  const read = readSites(bytes, sites);
  const masked = new RequestMask(subject, direction, direction).mask(read);
  const further = masked.kind === 'next' ? withLookAlikes(direction, read, masked.found.placeholders) : undefined;
  return further === undefined ? masked : new RequestMask(subject, further, direction).mask(read);
}

const refuseUnreadable = ({ what, place }: Unreadable): Denied =>
  deny(
    'content_unreadable',
    `${what} at ${describePlace(place)}`,
    `Part: ${describePlace(place)} (${what}). An operator may let it pass: add "${what}" to masking.request.pass.`,
  );

const refuseSigned = (entity: string, place: Place): Denied =>
  deny(
    'content_unreadable',
    `${entity} in a signed block at ${describePlace(place)}`,
    `Part: ${describePlace(place)}, which is signed and cannot be changed. Leave it out, or an operator may add "signed" to masking.request.pass.`,
  );

/** A text is looked at so often: of what people and programs write, two or three times are enough. */
const roundsMax = 16;

const refuseDense = (place: Place): Denied =>
  deny(
    'content_unreadable',
    `values too close to each other at ${describePlace(place)}`,
    `Part: ${describePlace(place)}. Values stand so close to each other there that they cannot be told apart: put a word or a line between them.`,
  );

/** State of one request. */
class RequestMask {
  readonly #subject: RequestSubject;
  readonly #direction: RequestPlan;
  /** For what is looked at again: what was put in by now is no look-alike. */
  readonly #again: RequestPlan;
  readonly #placeholders = new Map<string, string>();
  /** By entity and value: a log says the same address on every line. */
  readonly #made = new Map<string, Map<string, string>>();
  readonly #said = new Set<string>();
  readonly #findings = openFindings();
  #refusal: Denied | undefined;

  constructor(subject: RequestSubject, direction: RequestPlan, again: RequestPlan) {
    this.#subject = subject;
    this.#direction = direction;
    this.#again = again;
  }

  mask(sites: readonly ReadSite[]): Outcome<MaskedRequest> {
    const replacements: Replacement[] = [];
    const apart = openNames(sites);
    let before = '';
    this.#subject.observer?.begin();
    for (const read of sites) {
      const masked = this.#maskOne(read, read.context === '' ? '' : contextOf(before));
      if (this.#refusal !== undefined) {
        return this.#refusal;
      }
      if (masked !== undefined) {
        const named = apart(read, [{ site: read.site, text: masked }]);
        before = named[0]?.text ?? '';
        replacements.push(...named);
      }
    }
    return next({
      body: writeBack(this.#subject.bytes, replacements),
      placeholders: this.#direction.restore ? this.#placeholders : new Map(),
      said: this.#said,
      counts: this.#findings.counts,
    });
  }

  /** The new text; undefined for what stays as it is. `context`: what stands before it by now. */
  #maskOne(read: ReadSite, context: string): string | undefined {
    const { site } = read;
    const { pass, hides } = this.#direction;
    switch (site.kind) {
      case 'text':
      case 'json':
      case 'key':
      case 'id':
      case 'number':
        return this.#maskText(read, context);
      case 'signed':
        if (!pass.has('signed')) {
          maskSite(read, this.#direction, this.#refuseAt(site.place));
        }
        return undefined;
      case 'logprobs':
        return hides ? '' : undefined;
      case 'unknown':
        if (hides) {
          const place = describePlace(site.place);
          this.#refusal = deny('content_unreadable', `unknown content at ${place}`, `Part: ${place}. This gateway does not know it.`);
        }
        return undefined;
      default:
        return never(site.kind);
    }
  }

  /** Until nothing more is found: without a value that was hidden, its neighbours can be read otherwise. */
  #maskText(first: ReadSite, context: string): string {
    const { place } = first.site;
    let read = first;
    let text = maskSite(read, this.#direction, this.#hideAt(place, true));
    for (let round = 1; text !== read.text || read.context !== context; round += 1) {
      if (round === roundsMax) {
        this.#refusal ??= refuseDense(place);
      }
      if (this.#refusal !== undefined) {
        return text;
      }
      read = { ...read, text, context };
      text = maskSite(read, this.#again, this.#hideAt(place, false), true);
    }
    return text;
  }

  #hideAt(place: Place, isFirst: boolean): Hide {
    return (entity, text, goesOn) => {
      if (entity === lookAlike) {
        this.#subject.observer?.found({ entity, action: 'mask', place });
        return this.#placeholderFor(entity, text);
      }
      const action = this.#direction.actions.get(entity);
      if (this.#subject.plan.response?.actions.has(entity) === true) {
        this.#said.add(text);
      }
      // What stays is found each time, and counted once.
      if (action === undefined || (action === 'log' && !isFirst)) {
        return text;
      }
      this.#findings.note(entity, action);
      this.#subject.observer?.found({ entity, action, place });
      return this.#take(action, { entity, text, goesOn, place });
    };
  }

  #take(action: MaskAction, { entity, text, goesOn, place }: { entity: string; text: string; goesOn: boolean; place: Place }): string {
    switch (action) {
      case 'log':
        return text;
      case 'mask':
        return this.#placeholderFor(entity, text);
      case 'redact':
        return goesOn ? '' : redaction(entity);
      case 'block':
        this.#refusal ??= deny('content_blocked', `${entity} at ${describePlace(place)}`, `Found: ${entity} in ${describePlace(place)}.`);
        return '';
      default:
        return never(action);
    }
  }

  #refuseAt(place: Place): Hide {
    return (entity, text) => {
      const action = this.#direction.actions.get(entity);
      if (action !== undefined && action !== 'log') {
        this.#refusal ??= refuseSigned(entity, place);
      }
      return text;
    };
  }

  #placeholderFor(entity: string, value: string): string {
    const made = this.#made.get(entity) ?? new Map<string, string>();
    const known = made.get(value);
    if (known !== undefined) {
      return known;
    }
    const placeholder = this.#subject.placeholderOf(entity, value);
    this.#made.set(entity, made.set(value, placeholder));
    this.#placeholders.set(placeholder, value);
    return placeholder;
  }
}
