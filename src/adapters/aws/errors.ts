import { SecretError } from '../../ports/secret-source.ts';

/** Names that AWS and its SDK give to failures which say nothing about the secret. Anything else is `unreachable`. */
const codes: ReadonlyMap<string, SecretError['code']> = new Map([
  ['AbortError', 'timeout'],
  ['TimeoutError', 'timeout'],
  ['AccessDenied', 'access_denied'],
  ['AccessDeniedException', 'access_denied'],
  ['CredentialsProviderError', 'access_denied'],
  ['ExpiredToken', 'access_denied'],
  ['ExpiredTokenException', 'access_denied'],
  ['IncompleteSignatureException', 'access_denied'],
  ['InvalidClientTokenId', 'access_denied'],
  ['InvalidIdentityToken', 'access_denied'],
  ['InvalidIdentityTokenException', 'access_denied'],
  ['InvalidSignatureException', 'access_denied'],
  ['MissingAuthenticationTokenException', 'access_denied'],
  ['OptInRequired', 'access_denied'],
  ['SignatureDoesNotMatch', 'access_denied'],
  ['TokenProviderError', 'access_denied'],
  ['UnrecognizedClientException', 'access_denied'],
  ['LimitExceededException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['SlowDown', 'throttled'],
  ['Throttling', 'throttled'],
  ['ThrottlingException', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['InvalidParameterException', 'bad_value'],
  ['ValidationException', 'bad_value'],
]);

const byStatus: ReadonlyMap<number, SecretError['code']> = new Map([
  [401, 'access_denied'],
  [403, 'access_denied'],
  [429, 'throttled'],
]);

/** Not there, no such stage; and what AWS answers for a secret that is scheduled for deletion. */
const goneNames: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

/** True only for Secrets Manager's own word: a proxy's 404 page has no such name, a server error is no answer. */
export function isGone(error: unknown): boolean {
  const status = statusOf(error);
  return error instanceof Error && goneNames.has(error.name) && status !== undefined && status >= 400 && status < 500;
}

/** What the SDK threw as one of ours. Of the original only a name or status from the tables above is kept: messages quote answers. */
export function translate(error: unknown, signal: AbortSignal): SecretError {
  if (error instanceof SecretError) {
    return error;
  }
  if (signal.aborted) {
    return new SecretError('timeout');
  }
  const name = error instanceof Error ? error.name : '';
  const named = isHangUp(error) ? undefined : codes.get(name);
  if (named !== undefined) {
    return new SecretError(named, name);
  }
  const status = statusOf(error);
  return new SecretError(byStatus.get(status ?? 0) ?? 'unreachable', status);
}

/** The SDK calls a broken connection a `TimeoutError` too. */
const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) {
    return undefined;
  }
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) {
    return undefined;
  }
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
