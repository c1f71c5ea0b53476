interface Entry {
  readonly exitCode?: number;
  readonly message: string;
  readonly hint?: string;
}

export function errorPage(table: Readonly<Record<string, Entry>>): string;
export function areaOf(code: string): { readonly title: string };
