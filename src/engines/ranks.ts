import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * A process group that trains one network, as one of its ranks uses it. All ranks make the same calls, in the
 * same order and with the same shapes. If a rank is lost, the other ranks' calls throw N2UQ_RANKS_LOST.
 * Returned tensors are owned by the caller.
 */
export interface ProcessGroup {
  /** From 0; rank 0 writes the files. */
  readonly rank: number;
  /** The number of ranks. */
  readonly world: number;
  /** What the user should know about how the ranks communicate. */
  readonly warning?: string;
  /** The all-reduced sum of a tensor: same shape and dtype. */
  allReduceSum(tensor: Tensor): Tensor;
  /** Returns rank 0's values of these tensors, which must all have one dtype. */
  broadcast(tensors: readonly Tensor[]): Tensor[];
  /**
   * Starts an all-reduce (mean) of float tensors, sent as one message. The returned function waits for the
   * result and returns it.
   */
  startAllReduceMean(tensors: readonly Tensor[]): () => Tensor[];
  /** Sets a key in the shared store. */
  set(word: string): Promise<void>;
  /** Whether a key is set in the shared store. */
  has(word: string): Promise<boolean>;
}

/** Called repeatedly while a process waits for another one; throws to stop waiting. */
export type Patience = () => void;

/** A rendezvous of ranks. None of its methods blocks the process, which handles signals while it waits. */
export interface Rendezvous {
  /** The address of the rendezvous: `host:port`, or `file:` and the path of a file in a private folder. */
  readonly address: string;
  /** Sets a key in the shared store. @throws N2uqError N2UQ_RANKS_LOST, and errors of `patience` */
  set(word: string, patience?: Patience): Promise<void>;
  /** Whether a key is set in the shared store. @throws as `set` */
  has(word: string, patience?: Patience): Promise<boolean>;
  /** Waits for all other ranks. @throws N2uqError N2UQ_RANKS_LOST, and errors of `patience` */
  join(rank: number, world: number, patience?: Patience): Promise<ProcessGroup>;
  /** Destroys the rendezvous and its process groups, so that this process can join others. */
  destroy(): void;
}

/** Creates an engine's process groups. */
export interface ProcessGroupFactory {
  /** Divides this process's threads among `world` ranks. @returns the number of threads per rank */
  splitThreads(world: number): number;
  /**
   * Opens a rendezvous on a host address of this machine and a free port. Without an address, the rendezvous
   * can be joined only by this user's processes on this machine, and is not reachable from any network.
   * @throws N2uqError N2UQ_RANKS_UNAVAILABLE
   */
  create(host?: string): Promise<Rendezvous>;
  /**
   * Connects to a rendezvous of another process. @param own this machine's address for the other ranks
   * @throws N2uqError N2UQ_RANKS_UNAVAILABLE, N2UQ_RANKS_LOST
   */
  connect(place: string, own: string): Promise<Rendezvous>;
}
