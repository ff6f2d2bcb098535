/** Counts the rows of a user; goes when the user has been away. */
export class Visits {
  #rows = 0;

  onRow() {
    this.#rows++;
  }

  onRemove({ key, emit }) {
    emit({ user: key[0], rows: this.#rows });
  }
}
