const secondMs = 1_000;

/**
 * Milliseconds since the epoch as ISO 8601 text in UTC. The text of a second is kept: making it anew for every log line cost half of
 * the line.
 */
export function openIsoTime(): (nowMs: number) => string {
  let second = Number.NaN;
  let text = '';
  return (nowMs) => {
    const presentSecond = Math.floor(nowMs / secondMs);
    if (presentSecond !== second) {
      second = presentSecond;
      text = new Date(second * secondMs).toISOString().slice(0, -'000Z'.length);
    }
    return `${text}${String(nowMs - second * secondMs).padStart(3, '0')}Z`;
  };
}
