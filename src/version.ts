/** Version of the package; a test holds it against package.json. */
export const VERSION = "0.1.0";
/** What files and reports say they were made by. */
export const GENERATOR: string = `spinec ${VERSION}`;
