import * as tf from "@tensorflow/tfjs-core";

export type Activation = "linear" | "relu" | "tanh" | "sigmoid";

export function activate(activation: Activation, argument: tf.Tensor): tf.Tensor {
  switch (activation) {
    case "linear":
      return argument;
    case "relu":
      return tf.relu(argument);
    case "tanh":
      return tf.tanh(argument);
    case "sigmoid":
      return tf.sigmoid(argument);
  }
}

/** The gradient by an activation's argument, from that by its `output`. */
export function activationGradient(
  activation: Activation,
  output: tf.Tensor,
  gradient: tf.Tensor,
): tf.Tensor {
  switch (activation) {
    case "linear":
      return gradient;
    case "relu":
      return tf.mul(gradient, tf.step(output));
    case "tanh":
      return tf.mul(gradient, tf.sub(1, tf.square(output)));
    case "sigmoid":
      return tf.mul(gradient, tf.mul(output, tf.sub(1, output)));
  }
}
