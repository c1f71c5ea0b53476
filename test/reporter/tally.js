/** The counts of one file or test, those of the tests inside it added. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** Whether it has assertions outside of subtests, and whether one of them failed. */
  asserted = false;
  broken = false;
  /** The test inside it that has begun and not ended. */
  open = undefined;

  constructor(name, parent) {
    this.name = name;
    this.parent = parent;
    this.path = parent === undefined ? [] : [...parent.path, name];
  }

  get count() {
    return this.passed + this.failed + this.skipped;
  }

  add(inner) {
    this.passed += inner.passed;
    this.failed += inner.failed;
    this.skipped += inner.skipped;
  }
}
