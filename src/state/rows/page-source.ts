/** Where stores of rows take their pages. @module */

/** Pages of one size, of one arena. */
export interface PageSource {
  /**
   * Takes adjacent pages; their content is garbage, their tags are zero.
   *
   * @returns the first cell of the first
   * @throws MillraceError when there is no more
   */
  take(count: number): number;
  /** Gives one page back. */
  release(page: number): void;
}
