export interface FileResult {
  /** Output of the file, as TAP. */
  readonly tap: string;
  readonly stderr: string;
  readonly ok: boolean;
  /** Whether it was stopped because it took too long. */
  readonly expired: boolean;
  readonly ms: number;
}
interface Options {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly cpuSeconds?: number;
  readonly signal?: AbortSignal;
}
export function unitEnvironment(options?: { engines?: boolean }): NodeJS.ProcessEnv;
export function runFile(file: string, options: Options): Promise<FileResult>;
export function runFiles(
  files: readonly string[],
  options: Options & { jobs: number },
  onResult: (file: string, result: FileResult) => void,
): Promise<void>;
