export const root: string;
export const processFolders: readonly string[];
export function testFiles(): string[];
export function isUnitTest(file: string): boolean;
export function isLongTest(file: string): boolean;
