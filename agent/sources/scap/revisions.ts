/** Stamps of changes: each is greater than all before, so the greatest of several tells whether any of them changed. */
export class Revisions {
  #last = 0;
  /** Stamp of a change that concerns every thread. */
  ofAll = 0;

  next(): number {
    this.#last++;
    return this.#last;
  }

  changeAll(): void {
    this.ofAll = this.next();
  }
}
