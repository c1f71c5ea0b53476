import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * The processes that train one network together, seen from one of them. Every rank calls the same, in the same order and with
 * the same shapes; a rank that is gone makes the others' calls throw N2UQ_RANKS_LOST. Tensors that come back are the caller's.
 */
export interface Ranks {
  /** From 0, which writes. */
  readonly rank: number;
  /** How many there are. */
  readonly world: number;
  sum(tensor: Tensor): Tensor;
  /** Rank 0's values of these tensors, all of one type. */
  broadcast(tensors: readonly Tensor[]): Tensor[];
  /** Begins to average float tensors, which travel together; what comes back waits for the means. */
  startMean(tensors: readonly Tensor[]): () => Tensor[];
  /** Leaves a word for the others, who may look for it whenever they like. */
  tell(word: string): Promise<void>;
  told(word: string): Promise<boolean>;
}

/** Asked again and again while a process waits for another one; what it throws ends the waiting. */
export type Patience = () => void;

/** Where ranks find each other. Nothing here blocks the process: signals are heard while it waits. */
export interface Meeting {
  /** How the others find it: `host:port`, or `file:` and the path of a file in a private folder. */
  readonly place: string;
  tell(word: string, patience?: Patience): Promise<void>;
  told(word: string, patience?: Patience): Promise<boolean>;
  /** Waits for all the others. @throws N2uqError N2UQ_RANKS_LOST, and what `patience` throws */
  join(rank: number, world: number, patience?: Patience): Promise<Ranks>;
  /** Ends it and what was joined here, so that this process may meet others. */
  leave(): void;
}

/** How an engine's processes train together. */
export interface RankMaker {
  /** Divides this process's threads among so many. @returns how many each has */
  share(world: number): number;
  /**
   * Opens a meeting at an address of this machine's and a free port; without an address, one for processes of this user on this
   * machine alone, which no network reaches.
   * @throws N2uqError N2UQ_RANKS_UNAVAILABLE
   */
  open(host?: string): Promise<Meeting>;
  /**
   * Comes to a meeting that another process opened, to be reached at an address of this machine's.
   * @throws N2uqError N2UQ_RANKS_UNAVAILABLE, N2UQ_RANKS_LOST
   */
  come(place: string, own: string): Promise<Meeting>;
}
