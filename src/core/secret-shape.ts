/** Keys that say what they are. Bounded at the left, so that a word which merely ends so does not count. */
const knownShapes: readonly RegExp[] = [
  /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9_])vk_[A-Za-z0-9]{1,32}_[A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{30,}/,
  /(?<![A-Za-z0-9])(?:gsk|hf|ghp|gho|ghs|github_pat|glpat|xoxb|xoxp)[_-][A-Za-z0-9_-]{16,}/,
  /(?<![A-Za-z0-9])xai-[A-Za-z0-9]{20,}/,
  /(?<![A-Za-z0-9])hv[sb]\.[A-Za-z0-9_-]{20,}/,
  /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{8,}\./,
  /-----BEGIN [A-Z0-9 ]{1,64}-----/,
  /[a-z][a-z0-9+.-]{0,31}:\/\/[^\s/@:]{0,256}:[^\s/@]{1,256}@/,
];

const hexCharactersMin = 32;
const randomCharactersMin = 32;
/**
 * Places where a digit meets a letter, and half of those where a capital follows a small letter, per place: about 0.33 in
 * random base64 (1 in 200 values of 32 bytes lies below this bound), mostly under 0.1 in names, paths and model ids.
 */
const kindChangesMin = 0.14;
const distinctCharactersMin = 16;

const hexRun = new RegExp(`(?<![A-Za-z0-9])[0-9a-fA-F]{${String(hexCharactersMin)},}(?![A-Za-z0-9])`, 'g');
const base64Run = new RegExp(`[A-Za-z0-9+/_-]{${String(randomCharactersMin)},}`, 'g');

const isHexSecret = (run: string): boolean => /[0-9]/.test(run) && /[a-fA-F]/.test(run);

function isRandomLooking(run: string): boolean {
  if (!/[A-Z]/.test(run) || !/[a-z]/.test(run)) {
    return false;
  }
  const meetings = run.match(/[0-9](?=[A-Za-z])|[A-Za-z](?=[0-9])/g)?.length ?? 0;
  const humps = run.match(/[a-z](?=[A-Z])/g)?.length ?? 0;
  return (meetings + humps / 2) / (run.length - 1) >= kindChangesMin && new Set(run).size >= distinctCharactersMin;
}

/**
 * True where `text` (one value or a whole file) contains something that looks like a credential itself: a key of a known
 * form, a PEM block, a JSON web token, a URL with a password, or 32 and more characters of random-looking hex or base64.
 * A guess that may refuse too much: a SHA-256 digest in base64 looks the same.
 */
export function looksLikeSecretValue(text: string): boolean {
  return (
    knownShapes.some((shape) => shape.test(text)) ||
    (text.match(hexRun) ?? []).some(isHexSecret) ||
    (text.match(base64Run) ?? []).some(isRandomLooking)
  );
}
