import { afterEach, beforeEach } from 'vitest';

export interface Handle {
  close(): Promise<void>;
}

/** A store under test that may be opened several times at once. */
export interface Openable<Opened extends Handle> {
  open(): Promise<Opened>;
  dispose(): void;
}

/** A fresh store for each test of a suite, and its handles, which are closed afterwards. */
export function keepHandles<Opened extends Handle, More>(
  start: () => Openable<Opened> & More,
): { readonly under: () => Openable<Opened> & More; readonly open: () => Promise<Opened> } {
  let under: Openable<Opened> & More;
  let opened: Opened[];
  beforeEach(() => {
    under = start();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((handle) => handle.close()));
    under.dispose();
  });
  return {
    under: () => under,
    open: async () => {
      const handle = await under.open();
      opened.push(handle);
      return handle;
    },
  };
}
