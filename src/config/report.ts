/** Where in the settings file something is. */
export type Path = readonly (string | number)[];

/** Says what is wrong with the settings, and where. */
export type Report = (path: Path, message: string) => void;
