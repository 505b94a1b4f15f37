import { z } from "zod";

const size = z.int().min(1).max(65_536);

export const modelSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("softmax") }),
  z.strictObject({ kind: z.literal("linear") }),
  z.strictObject({
    kind: z.literal("mlp"),
    hidden: z.array(size).min(1).max(16),
    activation: z.enum(["relu", "tanh", "sigmoid"]).optional(),
  }),
  z.strictObject({
    kind: z.literal("cnn"),
    filters: z.array(size).min(1).max(8),
    kernel: z.int().min(1).max(31),
    dense: size,
  }),
  z.strictObject({ kind: z.literal("layers"), model: z.record(z.string(), z.unknown()) }),
]);

/**
 * The model to train. `softmax`: multinomial logistic regression. `linear`: linear regression. `mlp`: dense
 * layers (`relu` unless told). `cnn`: for each entry of `filters` a convolution `kernel` x `kernel` (same
 * padding, relu) and a 2 x 2 max pooling, then a dense layer of `dense` units (relu). `layers`: the topology of
 * a TensorFlow.js `LayersModel` (what `model.toJSON(null, false)` gives). Each ends in one output a class, or
 * in one output for a regression.
 */
export type ModelSpec = Readonly<z.infer<typeof modelSpecSchema>>;
