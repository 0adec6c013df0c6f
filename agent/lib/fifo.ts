/** First in, first out, both ends in constant time. */
export class Fifo<T> {
  private items: (T | undefined)[] = [];
  private start = 0;

  get length(): number {
    return this.items.length - this.start;
  }

  push(item: T): void {
    this.items.push(item);
  }

  peek(): T | undefined {
    return this.items[this.start];
  }

  shift(): T | undefined {
    const item = this.items[this.start];
    if (this.start === this.items.length) return undefined;
    this.items[this.start++] = undefined;
    // Moving the rest down only when at least half is empty keeps the mean cost constant.
    if (this.start > 1024 && this.start * 2 > this.items.length) {
      this.items = this.items.slice(this.start);
      this.start = 0;
    }
    return item;
  }

  clear(): void {
    this.items = [];
    this.start = 0;
  }
}
