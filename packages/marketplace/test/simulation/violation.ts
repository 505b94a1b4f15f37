/** Something that must never happen, and did. */
export interface Violation {
  readonly kind: /** A job has no end. */
    | "ending"
    /** An agent that is there has not taken what it is owed. */
    | "uncollected"
    /** Wei were lost or made. */
    | "value"
    /** Paid twice, not whole, or to the wrong one. */
    | "payment"
    /** An opened sum is not the sum of what went in. */
    | "sum"
    /** The consumer accepted another model than the one on chain. */
    | "model"
    /** The analyst could see a single update. */
    | "secrecy"
    /** An honest agent was found guilty, or paid for another's fault. */
    | "justice"
    /** Nothing went wrong, and yet the job was not done. */
    | "calm"
    /** Two runs of a seed differ. */
    | "determinism"
    /** A step or a host threw. */
    | "defect";
  readonly detail: string;
}
