import { readdirSync, readFileSync } from 'node:fs';

/** `_SC_CLK_TCK`: 100 on every Linux this runs on (proc(5)). */
const ticksPerSecond = 100;
const microsPerTick = 1_000_000 / ticksPerSecond;

// Positions in /proc/<pid>/stat after the command's closing parenthesis (proc(5): utime is field 14, cutime field 16).
const utimeIndex = 11;
const cutimeIndex = 13;

function statFields(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const microsAt = (fields: readonly string[], index: number): number => (Number(fields[index]) + Number(fields[index + 1])) * microsPerTick;

/** User and system time of a process with all its threads, microseconds. */
export const cpuMicros = (pid: number): number => microsAt(statFields(pid), utimeIndex);

/** User and system time of the children of this process that have ended, microseconds. */
export const endedChildrenMicros = (): number => microsAt(statFields(process.pid), cutimeIndex);

/** Resident memory of a process, MiB. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) / 1_024;
}

/** Open file descriptors of a process: sockets, pipes, files. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${String(pid)}/fd`).length;
