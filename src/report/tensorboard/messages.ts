import protobuf from "protobufjs";

/** The part of TensorFlow's event.proto and summary.proto for scalars and histograms. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
  message Summary { repeated Value value = 1; }
  message Value {
    string tag = 1;
    oneof value { float simple_value = 2; HistogramProto histo = 5; }
  }
  message HistogramProto {
    double min = 1;
    double max = 2;
    double num = 3;
    double sum = 4;
    double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true];
    repeated double bucket = 7 [packed = true];
  }
`);
const event = root.lookupType("Event");

/** A histogram: `bucket[i]` values are at most `bucketLimit[i]` and greater than the previous limit. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly bucketLimit: readonly number[];
  readonly bucket: readonly number[];
}

export interface SummaryValue {
  readonly tag: string;
  readonly simpleValue?: number;
  readonly histo?: Histogram;
}

/**
 * A TensorBoard event: values at a step and a time in seconds. A file's first event has the file's version.
 */
export interface TensorBoardEvent {
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly SummaryValue[] };
}

/** Encodes an event as a protocol buffer. */
export function encodeEvent(message: TensorBoardEvent): Uint8Array {
  return event.encode(event.create(message)).finish();
}
