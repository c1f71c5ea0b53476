// Generated from schemas/experiment.schema.json by `npm run schemas`. Do not edit.

export const experimentSchema: unknown = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "experiment.schema.json",
  "title": "Experiment",
  "description": "One experiment: a network, how it is quantized, what teaches it, its data and its training. Files are overlays: what is required may come from `extends`, a profile or the project's defaults.",
  "type": "object",
  "additionalProperties": false,
  "x-required": [
    "name",
    "architecture",
    "data"
  ],
  "properties": {
    "name": {
      "description": "Name of the experiment; the run directory begins with it. Letters, digits, dot, underscore and hyphen.",
      "type": "string",
      "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
      "maxLength": 200,
      "examples": [
        "res18-w2a2"
      ]
    },
    "extends": {
      "description": "One or several experiment files that this one builds on, relative to this file; of several, later ones win over earlier ones.",
      "type": [
        "string",
        "array"
      ],
      "items": {
        "type": "string",
        "minLength": 1
      },
      "maxItems": 100,
      "minLength": 1,
      "x-path": true,
      "examples": [
        "./bases/imagenet-n2uq.yaml",
        [
          "./bases/imagenet.yaml",
          "./bases/adam.yaml"
        ]
      ]
    },
    "architecture": {
      "$ref": "#/definitions/architecture",
      "description": "The network that is trained.",
      "x-short-name": "arch",
      "x-shorthand": {
        "resnet18": {
          "family": "resnet",
          "depth": 18
        },
        "resnet34": {
          "family": "resnet",
          "depth": 34
        },
        "resnet50": {
          "family": "resnet",
          "depth": 50
        },
        "resnet101": {
          "family": "resnet",
          "depth": 101
        },
        "cifar-resnet20": {
          "family": "cifar-resnet",
          "depth": 20
        },
        "cifar-resnet32": {
          "family": "cifar-resnet",
          "depth": 32
        },
        "cifar-resnet56": {
          "family": "cifar-resnet",
          "depth": 56
        },
        "mobilenet-v2": {
          "family": "mobilenet-v2"
        }
      },
      "examples": [
        {
          "family": "resnet",
          "depth": 18
        }
      ]
    },
    "quantization": {
      "$ref": "#/definitions/quantization",
      "description": "How weights and activations are quantized.",
      "examples": [
        {
          "method": "n2uq",
          "bits": 2
        }
      ]
    },
    "teacher": {
      "title": "Teacher",
      "description": "The network whose soft labels are learned: another experiment (trained first, once), or an architecture with its weights. null: no teacher.",
      "type": [
        "object",
        "null"
      ],
      "additionalProperties": false,
      "default": null,
      "x-alternatives": [
        [
          "experiment"
        ],
        [
          "architecture",
          "weights"
        ]
      ],
      "properties": {
        "experiment": {
          "description": "File of the teacher's experiment, relative to this file.",
          "type": "string",
          "minLength": 1,
          "x-path": "must-exist",
          "examples": [
            "./quickstart-teacher.yaml"
          ]
        },
        "architecture": {
          "$ref": "#/definitions/architecture",
          "description": "The teacher's network, when it is not an experiment's.",
          "examples": [
            {
              "family": "resnet",
              "depth": 101,
              "layout": "torchvision"
            }
          ]
        },
        "weights": {
          "description": "The teacher's weights: a named source (`torchvision:resnet101`), or a file relative to this one.",
          "type": "string",
          "minLength": 1,
          "x-path": "unless-named",
          "examples": [
            "torchvision:resnet101",
            "./weights/teacher.safetensors"
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "type": "object",
            "required": [
              "experiment"
            ]
          },
          "then": {
            "properties": {
              "architecture": false,
              "weights": false
            }
          },
          "else": {
            "x-required": [
              "architecture",
              "weights"
            ]
          }
        }
      ],
      "examples": [
        null,
        {
          "experiment": "./quickstart-teacher.yaml"
        }
      ]
    },
    "init": {
      "title": "Init",
      "description": "Where the first weights come from: another experiment's best checkpoint, or a weights file. null: random from the seed.",
      "type": [
        "object",
        "null"
      ],
      "additionalProperties": false,
      "default": null,
      "x-alternatives": [
        [
          "experiment"
        ],
        [
          "weights"
        ]
      ],
      "properties": {
        "experiment": {
          "description": "File of the experiment whose trained weights are taken, relative to this file.",
          "type": "string",
          "minLength": 1,
          "x-path": "must-exist",
          "examples": [
            "./quickstart-teacher.yaml"
          ]
        },
        "weights": {
          "description": "A named source (`torchvision:resnet18`), or a file relative to this one.",
          "type": "string",
          "minLength": 1,
          "x-path": "unless-named",
          "examples": [
            "torchvision:resnet18"
          ]
        },
        "strict": {
          "description": "Whether the weights must fit: nothing that the full-precision network has may be missing or left over. false: what does not fit starts fresh.",
          "type": "boolean",
          "default": true,
          "examples": [
            true
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "type": "object",
            "required": [
              "experiment"
            ]
          },
          "then": {
            "properties": {
              "weights": false
            }
          },
          "else": {
            "x-required": [
              "weights"
            ]
          }
        }
      ],
      "examples": [
        null,
        {
          "weights": "torchvision:resnet18"
        }
      ]
    },
    "data": {
      "$ref": "#/definitions/data",
      "description": "The images to train and test on.",
      "examples": [
        {
          "dataset": "mnist"
        }
      ]
    },
    "augmentation": {
      "$ref": "#/definitions/augmentation",
      "description": "How training images are varied. Not given: what is usual for the data set.",
      "examples": [
        {
          "kind": "pad-crop-flip",
          "padding": 4
        }
      ]
    },
    "training": {
      "$ref": "#/definitions/training",
      "description": "How long, with what optimizer and towards which loss the network is trained.",
      "examples": [
        {
          "epochs": 2,
          "batchSize": 128
        }
      ]
    },
    "engine": {
      "description": "What computes: `torch` on all cores or `tensorflow` on a GPU or on all cores, once they are installed, `wasm` everywhere, `cpu` is the slow reference; `auto` takes the best that is installed.",
      "type": "string",
      "enum": [
        "auto",
        "torch",
        "tensorflow",
        "wasm",
        "cpu"
      ],
      "default": "auto",
      "examples": [
        "wasm"
      ]
    },
    "devices": {
      "description": "Processes that train together on each machine, each on an equal part of every batch; more than one needs the engine torch.",
      "type": "integer",
      "minimum": 1,
      "maximum": 1024,
      "default": 1,
      "examples": [
        2
      ]
    },
    "nodes": {
      "description": "Machines that train together, each with `devices` processes; more than one needs the engine torch and Slurm.",
      "type": "integer",
      "minimum": 1,
      "maximum": 4096,
      "default": 1,
      "examples": [
        2
      ]
    }
  },
  "examples": [
    {
      "name": "res18-w2a2",
      "architecture": {
        "family": "resnet",
        "depth": 18
      },
      "quantization": {
        "method": "n2uq",
        "bits": 2
      },
      "data": {
        "dataset": "imagenet"
      }
    }
  ],
  "definitions": {
    "architecture": {
      "title": "Architecture",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "family",
      "x-required": [
        "family"
      ],
      "properties": {
        "family": {
          "description": "Which network: `resnet` (ImageNet's 18 to 101), `cifar-resnet` (20, 32, 56), `mobilenet-v2`, or `stages`, declared one by one.",
          "type": "string",
          "enum": [
            "resnet",
            "cifar-resnet",
            "mobilenet-v2",
            "stages"
          ],
          "examples": [
            "resnet"
          ]
        },
        "depth": {
          "description": "Number of layers with weights: 18, 34, 50 or 101 of resnet; 20, 32 or 56 of cifar-resnet.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000,
          "examples": [
            18
          ]
        },
        "width": {
          "description": "Every channel count is multiplied by this.",
          "type": "number",
          "exclusiveMinimum": 0,
          "maximum": 64,
          "default": 1,
          "examples": [
            0.5
          ]
        },
        "stages": {
          "description": "The stages of family `stages`, in order.",
          "type": "array",
          "minItems": 1,
          "maxItems": 64,
          "items": {
            "$ref": "#/definitions/stage"
          },
          "examples": [
            [
              {
                "block": "basic",
                "channels": 16,
                "blocks": 1
              }
            ]
          ]
        },
        "layout": {
          "description": "`n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.",
          "type": "string",
          "enum": [
            "n2uq",
            "torchvision"
          ],
          "examples": [
            "torchvision"
          ]
        },
        "classes": {
          "description": "Number of classes. Not given: the data set's.",
          "type": "integer",
          "minimum": 2,
          "maximum": 1000000,
          "examples": [
            10
          ]
        },
        "inputSize": {
          "description": "Height and width of the images in pixels, or one number for both. Not given: the data set's.",
          "type": [
            "integer",
            "array"
          ],
          "minimum": 1,
          "maximum": 16384,
          "items": {
            "type": "integer",
            "minimum": 1,
            "maximum": 16384
          },
          "minItems": 2,
          "maxItems": 2,
          "examples": [
            224,
            [
              28,
              28
            ]
          ]
        },
        "inputChannels": {
          "description": "Channels of the images. Not given: the data set's.",
          "type": "integer",
          "minimum": 1,
          "maximum": 4096,
          "examples": [
            3
          ]
        },
        "stem": {
          "$ref": "#/definitions/stem",
          "description": "The first convolution. Not given: the family's own.",
          "examples": [
            {
              "kernel": 3,
              "stride": 1,
              "channels": 16,
              "pool": false
            }
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "family": {
                "const": "resnet"
              }
            },
            "required": [
              "family"
            ]
          },
          "then": {
            "properties": {
              "depth": {
                "enum": [
                  18,
                  34,
                  50,
                  101
                ]
              },
              "stages": false
            },
            "x-required": [
              "depth"
            ]
          }
        },
        {
          "if": {
            "properties": {
              "family": {
                "const": "cifar-resnet"
              }
            },
            "required": [
              "family"
            ]
          },
          "then": {
            "properties": {
              "depth": {
                "enum": [
                  20,
                  32,
                  56
                ]
              },
              "stages": false
            },
            "x-required": [
              "depth"
            ]
          }
        },
        {
          "if": {
            "properties": {
              "family": {
                "const": "mobilenet-v2"
              }
            },
            "required": [
              "family"
            ]
          },
          "then": {
            "properties": {
              "depth": false,
              "stages": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "family": {
                "const": "stages"
              }
            },
            "required": [
              "family"
            ]
          },
          "then": {
            "properties": {
              "depth": false,
              "width": false
            },
            "x-required": [
              "stages"
            ]
          }
        }
      ]
    },
    "stem": {
      "title": "Stem",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "kernel": {
          "description": "Side of the first convolution's kernel in pixels.",
          "type": "integer",
          "minimum": 1,
          "maximum": 255,
          "examples": [
            3
          ]
        },
        "stride": {
          "description": "Stride of the first convolution.",
          "type": "integer",
          "minimum": 1,
          "maximum": 255,
          "examples": [
            2
          ]
        },
        "channels": {
          "description": "Channels that the first convolution puts out.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65536,
          "examples": [
            16
          ]
        },
        "pool": {
          "description": "Whether a 3×3 max-pool of stride 2 follows the first convolution.",
          "type": "boolean",
          "examples": [
            false
          ]
        }
      }
    },
    "stage": {
      "title": "Stage",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "block",
      "required": [
        "block",
        "channels",
        "blocks"
      ],
      "properties": {
        "block": {
          "description": "The kind of residual block.",
          "type": "string",
          "enum": [
            "basic",
            "bottleneck",
            "inverted-residual"
          ],
          "examples": [
            "basic"
          ]
        },
        "channels": {
          "description": "Channels of the block's 3×3 convolutions; a bottleneck puts out four times as many.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65536,
          "examples": [
            16
          ]
        },
        "blocks": {
          "description": "How many blocks the stage has.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000,
          "examples": [
            2
          ]
        },
        "stride": {
          "description": "Stride of the stage's first block.",
          "type": "integer",
          "minimum": 1,
          "maximum": 255,
          "default": 1,
          "examples": [
            2
          ]
        },
        "expansion": {
          "description": "Middle width of an inverted residual, in multiples of its input.",
          "type": "integer",
          "minimum": 1,
          "maximum": 64,
          "default": 6,
          "examples": [
            6
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "block": {
                "const": "basic"
              }
            },
            "required": [
              "block"
            ]
          },
          "then": {
            "properties": {
              "expansion": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "block": {
                "const": "bottleneck"
              }
            },
            "required": [
              "block"
            ]
          },
          "then": {
            "properties": {
              "expansion": false
            }
          }
        }
      ]
    },
    "bits": {
      "title": "BitsSetting",
      "type": [
        "integer",
        "object"
      ],
      "minimum": 1,
      "maximum": 8,
      "additionalProperties": false,
      "x-number-fills": [
        "weights",
        "activations"
      ],
      "properties": {
        "weights": {
          "description": "Bits of the weights, 1 to 8.",
          "type": "integer",
          "minimum": 1,
          "maximum": 8,
          "x-short-name": "weights",
          "examples": [
            3
          ]
        },
        "activations": {
          "description": "Bits of the activations, 1 to 8.",
          "type": "integer",
          "minimum": 1,
          "maximum": 8,
          "x-short-name": "activations",
          "examples": [
            2
          ]
        }
      }
    },
    "method": {
      "title": "Method",
      "type": "string",
      "enum": [
        "n2uq",
        "lsq",
        "pact",
        "dorefa",
        "none"
      ]
    },
    "quantization": {
      "title": "Quantization",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "method": {
          "$ref": "#/definitions/method",
          "description": "The quantizer: `n2uq` (learnable thresholds), `lsq`, `pact`, `dorefa`, or `none` for full precision.",
          "default": "n2uq",
          "x-short-name": "method",
          "examples": [
            "n2uq"
          ]
        },
        "bits": {
          "$ref": "#/definitions/bits",
          "description": "Bits of weights and activations: one number for both, or each apart.",
          "default": 2,
          "x-short-name": "bits",
          "examples": [
            2,
            {
              "weights": 3,
              "activations": 2
            }
          ]
        },
        "downsample": {
          "description": "Whether the 1×1 convolutions of the shortcuts are quantized too.",
          "type": "boolean",
          "default": true,
          "x-short-name": "downsample",
          "examples": [
            false
          ]
        },
        "regularizer": {
          "$ref": "#/definitions/regularizer",
          "description": "How the weights are kept spread over the quantized levels (of n2uq only).",
          "examples": [
            {
              "kind": "entropy",
              "weight": 1
            }
          ]
        },
        "keep": {
          "description": "Globs of layers that stay in full precision. null: the first convolution and the classifier.",
          "type": [
            "array",
            "null"
          ],
          "items": {
            "type": "string",
            "minLength": 1
          },
          "maxItems": 1000,
          "default": null,
          "examples": [
            [
              "conv1",
              "fc"
            ]
          ]
        },
        "layers": {
          "description": "Rules for single layers, by glob on layer names; later rules win.",
          "type": "array",
          "items": {
            "$ref": "#/definitions/layerRule"
          },
          "maxItems": 1000,
          "default": [],
          "examples": [
            [
              {
                "match": "layer4.*",
                "bits": {
                  "weights": 3
                }
              }
            ]
          ]
        }
      }
    },
    "regularizer": {
      "title": "Regularizer",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "kind",
      "properties": {
        "kind": {
          "description": "`entropy` is the paper's; `weight-norm`, `learnable-scale` and `none` are its ablations.",
          "type": "string",
          "enum": [
            "entropy",
            "weight-norm",
            "learnable-scale",
            "none"
          ],
          "default": "entropy",
          "x-short-name": "regularizer",
          "examples": [
            "entropy"
          ]
        },
        "weight": {
          "description": "Strength, 0 to 4: 1 is the paper's, 0 leaves the weights as they are.",
          "type": "number",
          "minimum": 0,
          "maximum": 4,
          "default": 1,
          "examples": [
            1
          ]
        }
      }
    },
    "layerRule": {
      "title": "LayerRule",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "match"
      ],
      "properties": {
        "match": {
          "description": "Glob on layer names; it must match at least one.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "layer4.*"
          ]
        },
        "bits": {
          "$ref": "#/definitions/bits",
          "description": "Bits of these layers; what is not given stays as it was.",
          "examples": [
            4,
            {
              "weights": 3
            }
          ]
        },
        "method": {
          "$ref": "#/definitions/method",
          "description": "The quantizer of these layers.",
          "examples": [
            "lsq"
          ]
        },
        "keep": {
          "description": "true: full precision; false: quantized, even where `keep` above names the layer.",
          "type": "boolean",
          "examples": [
            true
          ]
        }
      }
    },
    "data": {
      "title": "Data",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "dataset",
      "x-required": [
        "dataset"
      ],
      "properties": {
        "dataset": {
          "description": "`mnist` and `cifar10` are fetched on first use; `image-folder` is a folder of yours with a folder a class, `imagenet` ImageNet laid out so, `shards` tar files of images (WebDataset); `synthetic` is made from a seed.",
          "type": "string",
          "enum": [
            "mnist",
            "cifar10",
            "synthetic",
            "imagenet",
            "image-folder",
            "shards"
          ],
          "examples": [
            "mnist"
          ]
        },
        "root": {
          "description": "Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Where it lies does not count as part of the experiment.",
          "type": "string",
          "minLength": 1,
          "x-path": true,
          "examples": [
            "./data/imagenet"
          ]
        },
        "name": {
          "description": "Which images these are, in place of the path: counts as part of the experiment, and names them in reports. Not given: the last part of `root`.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "imagenette"
          ]
        },
        "splits": {
          "$ref": "#/definitions/splits",
          "description": "Folders of the training and the validation images in `root`.",
          "examples": [
            {
              "train": "train",
              "test": "val"
            }
          ]
        },
        "shards": {
          "$ref": "#/definitions/shards",
          "description": "Which tar files in `root` hold the images.",
          "examples": [
            {
              "train": "train-{000000..001023}.tar",
              "test": "val-{00..49}.tar",
              "classes": 1000
            }
          ]
        },
        "trainLimit": {
          "description": "Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.",
          "type": [
            "integer",
            "null"
          ],
          "minimum": 1,
          "maximum": 1000000000,
          "default": null,
          "examples": [
            5000
          ]
        },
        "testLimit": {
          "description": "Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.",
          "type": [
            "integer",
            "null"
          ],
          "minimum": 1,
          "maximum": 1000000000,
          "default": null,
          "examples": [
            1000
          ]
        },
        "maxUnreadable": {
          "description": "How many images of a split may be unreadable before the run ends with an error. Each is named; in training the next image takes its place, in validation it is left out. Not given: a hundredth of the split, and at least ten.",
          "type": "integer",
          "minimum": 0,
          "maximum": 1000000000,
          "examples": [
            0,
            100
          ]
        },
        "decodeThreads": {
          "description": "How many images are decoded at the same time; results do not depend on it. Not given: as many as there are cores, at most 16.",
          "type": "integer",
          "minimum": 1,
          "maximum": 256,
          "examples": [
            4
          ]
        },
        "maxPixels": {
          "description": "An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000000,
          "default": 64000000,
          "examples": [
            100000000
          ]
        },
        "synthetic": {
          "$ref": "#/definitions/synthetic",
          "description": "What the synthetic images are like.",
          "examples": [
            {
              "classes": 4,
              "imageSize": [
                8,
                8
              ]
            }
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "dataset": {
                "const": "mnist"
              }
            },
            "required": [
              "dataset"
            ]
          },
          "then": {
            "properties": {
              "name": false,
              "splits": false,
              "shards": false,
              "maxUnreadable": false,
              "decodeThreads": false,
              "maxPixels": false,
              "synthetic": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "dataset": {
                "const": "cifar10"
              }
            },
            "required": [
              "dataset"
            ]
          },
          "then": {
            "properties": {
              "name": false,
              "splits": false,
              "shards": false,
              "maxUnreadable": false,
              "decodeThreads": false,
              "maxPixels": false,
              "synthetic": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "dataset": {
                "const": "imagenet"
              }
            },
            "required": [
              "dataset"
            ]
          },
          "then": {
            "properties": {
              "name": false,
              "shards": false,
              "synthetic": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "dataset": {
                "const": "image-folder"
              }
            },
            "required": [
              "dataset"
            ]
          },
          "then": {
            "properties": {
              "shards": false,
              "synthetic": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "dataset": {
                "const": "shards"
              }
            },
            "required": [
              "dataset"
            ]
          },
          "then": {
            "properties": {
              "splits": false,
              "synthetic": false
            },
            "x-required": [
              "shards"
            ]
          }
        },
        {
          "if": {
            "properties": {
              "dataset": {
                "const": "synthetic"
              }
            },
            "required": [
              "dataset"
            ]
          },
          "then": {
            "properties": {
              "root": false,
              "name": false,
              "splits": false,
              "shards": false,
              "maxUnreadable": false,
              "decodeThreads": false,
              "maxPixels": false
            }
          }
        }
      ]
    },
    "splits": {
      "title": "Splits",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "train": {
          "description": "Folder of the training images, with a folder a class.",
          "type": "string",
          "minLength": 1,
          "x-path": "from-root",
          "default": "train",
          "examples": [
            "train"
          ]
        },
        "test": {
          "description": "Folder of the validation images, with a folder a class.",
          "type": "string",
          "minLength": 1,
          "x-path": "from-root",
          "default": "val",
          "examples": [
            "val",
            "test"
          ]
        }
      }
    },
    "shards": {
      "title": "Shards",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "train": {
          "description": "Tar files of the training images; `{000..127}` stands for each number, `{a,b}` for each word. Not given: there are none, as for an evaluation.",
          "type": "string",
          "minLength": 1,
          "x-path": "from-root",
          "examples": [
            "train-{000000..001023}.tar"
          ]
        },
        "test": {
          "description": "Tar files of the validation images.",
          "type": "string",
          "minLength": 1,
          "x-path": "from-root",
          "examples": [
            "val-{00..49}.tar"
          ]
        },
        "classes": {
          "description": "Number of classes. Not given: the largest label of the training images and one, for which their shards are looked through.",
          "type": "integer",
          "minimum": 2,
          "maximum": 1000000,
          "examples": [
            1000
          ]
        }
      }
    },
    "synthetic": {
      "title": "Synthetic",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "classes": {
          "description": "Number of classes.",
          "type": "integer",
          "minimum": 2,
          "maximum": 256,
          "default": 10,
          "examples": [
            4
          ]
        },
        "imageSize": {
          "description": "Height and width in pixels.",
          "type": "array",
          "items": {
            "type": "integer",
            "minimum": 1,
            "maximum": 16384
          },
          "minItems": 2,
          "maxItems": 2,
          "default": [
            16,
            16
          ],
          "examples": [
            [
              8,
              8
            ]
          ]
        },
        "channels": {
          "description": "Channels of an image.",
          "type": "integer",
          "minimum": 1,
          "maximum": 4096,
          "default": 1,
          "examples": [
            3
          ]
        },
        "trainSize": {
          "description": "Images to train on.",
          "type": "integer",
          "minimum": 1,
          "maximum": 100000000,
          "default": 512,
          "examples": [
            128
          ]
        },
        "testSize": {
          "description": "Images to test on.",
          "type": "integer",
          "minimum": 1,
          "maximum": 100000000,
          "default": 256,
          "examples": [
            64
          ]
        },
        "seed": {
          "description": "Seed of the images.",
          "type": "integer",
          "minimum": 0,
          "maximum": 4294967295,
          "default": 0,
          "examples": [
            1
          ]
        }
      }
    },
    "augmentation": {
      "title": "Augmentation",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "kind",
      "x-required": [
        "kind"
      ],
      "properties": {
        "kind": {
          "description": "`pad-crop-flip` is CIFAR's, `random-resized-crop` ImageNet's, `none` leaves the images alone; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory.",
          "type": "string",
          "enum": [
            "none",
            "pad-crop-flip",
            "random-resized-crop"
          ],
          "examples": [
            "pad-crop-flip"
          ]
        },
        "padding": {
          "description": "Black pixels on each side before a random crop of the old size. Images in files are resized to the network's size first.",
          "type": "integer",
          "minimum": 0,
          "maximum": 4096,
          "default": 4,
          "examples": [
            2
          ]
        },
        "horizontalFlip": {
          "description": "Whether half of the images are mirrored.",
          "type": "boolean",
          "default": true,
          "examples": [
            false
          ]
        },
        "size": {
          "description": "Side of the crop in pixels, of test images too. Not given: architecture.inputSize, or the data set's own size (224 for images in files).",
          "type": "integer",
          "minimum": 1,
          "maximum": 16384,
          "examples": [
            64
          ]
        },
        "scale": {
          "description": "Smallest and largest share of the image's area that a crop covers.",
          "type": "array",
          "items": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 1
          },
          "minItems": 2,
          "maxItems": 2,
          "default": [
            0.08,
            1
          ],
          "examples": [
            [
              0.25,
              1
            ]
          ]
        },
        "ratio": {
          "description": "Smallest and largest width of a crop divided by its height, before it is resized to a square.",
          "type": "array",
          "items": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 1000
          },
          "minItems": 2,
          "maxItems": 2,
          "default": [
            0.75,
            1.3333333333333333
          ],
          "examples": [
            [
              1,
              1
            ]
          ]
        },
        "validationResize": {
          "description": "Short side in pixels to which test images are resized before their centre is cropped; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.",
          "type": "integer",
          "minimum": 1,
          "maximum": 32768,
          "examples": [
            73
          ]
        },
        "colorJitter": {
          "$ref": "#/definitions/colorJitter",
          "description": "How much the colours of a training image vary, as torchvision's ColorJitter does.",
          "examples": [
            {
              "brightness": 0.4,
              "contrast": 0.4,
              "saturation": 0.4
            }
          ]
        },
        "decode": {
          "description": "`exact` decodes training images in full; `scaled` lets the JPEG decoder halve (or quarter) those whose crop has pixels to spare, which is faster and a little less sharp. Test images are always exact. Only for images in files.",
          "type": "string",
          "enum": [
            "exact",
            "scaled"
          ],
          "default": "exact",
          "examples": [
            "scaled"
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "kind": {
                "const": "none"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "padding": false,
              "horizontalFlip": false,
              "size": false,
              "scale": false,
              "ratio": false,
              "colorJitter": false,
              "decode": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "pad-crop-flip"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "size": false,
              "scale": false,
              "ratio": false,
              "colorJitter": false,
              "decode": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "random-resized-crop"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "padding": false
            }
          }
        }
      ]
    },
    "colorJitter": {
      "title": "ColorJitter",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "brightness": {
          "description": "The factor of brightness is drawn from 1 - this to 1 + this, at least 0.",
          "type": "number",
          "minimum": 0,
          "maximum": 100,
          "default": 0,
          "examples": [
            0.4
          ]
        },
        "contrast": {
          "description": "The factor of contrast is drawn from 1 - this to 1 + this, at least 0.",
          "type": "number",
          "minimum": 0,
          "maximum": 100,
          "default": 0,
          "examples": [
            0.4
          ]
        },
        "saturation": {
          "description": "The factor of saturation is drawn from 1 - this to 1 + this, at least 0. Only for images with more than one channel.",
          "type": "number",
          "minimum": 0,
          "maximum": 100,
          "default": 0,
          "examples": [
            0.4
          ]
        }
      }
    },
    "training": {
      "title": "Training",
      "type": "object",
      "additionalProperties": false,
      "x-exclusive": [
        [
          "epochs",
          "steps"
        ]
      ],
      "properties": {
        "epochs": {
          "description": "Passes over the training images.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "default": 128,
          "x-short-name": "epochs",
          "examples": [
            128
          ]
        },
        "steps": {
          "description": "Optimizer steps in all; takes the place of `epochs`. null: as many as the epochs have.",
          "type": [
            "integer",
            "null"
          ],
          "minimum": 1,
          "maximum": 1000000000,
          "default": null,
          "examples": [
            20
          ]
        },
        "batchSize": {
          "description": "Images in a step.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "default": 256,
          "x-short-name": "batch",
          "examples": [
            256
          ]
        },
        "optimizer": {
          "$ref": "#/definitions/optimizer",
          "description": "What turns gradients into steps.",
          "examples": [
            {
              "kind": "adam",
              "lr": 0.00125
            }
          ]
        },
        "schedule": {
          "$ref": "#/definitions/schedule",
          "description": "How the learning rate changes while training.",
          "examples": [
            {
              "kind": "linear"
            }
          ]
        },
        "loss": {
          "$ref": "#/definitions/loss",
          "description": "What is made small.",
          "examples": [
            {
              "kind": "distillation"
            }
          ]
        },
        "seed": {
          "description": "Seed of first weights, shuffling and augmentation.",
          "type": "integer",
          "minimum": 0,
          "maximum": 4294967295,
          "default": 0,
          "x-short-name": "seed",
          "examples": [
            1
          ]
        },
        "precision": {
          "description": "Of products of matrices and convolutions; weights, sums and everything else stay float32. `bfloat16` needs the engine torch, `tf32` (19 of 32 bits) also a GPU.",
          "type": "string",
          "enum": [
            "float32",
            "tf32",
            "bfloat16"
          ],
          "default": "float32",
          "examples": [
            "bfloat16"
          ]
        },
        "syncBatchNorm": {
          "description": "Where several devices share a batch: whether BatchNorm's statistics are those of the whole batch, so that any number of devices trains the same. false: those of each device's part, as in the released code.",
          "type": "boolean",
          "default": false,
          "examples": [
            true
          ]
        },
        "checkpoint": {
          "$ref": "#/definitions/checkpoint",
          "description": "How often a checkpoint is written.",
          "examples": [
            {
              "everyEpochs": 1
            }
          ]
        },
        "stopOnNaN": {
          "description": "Whether a loss that is not finite ends the run, naming the layer where it began.",
          "type": "boolean",
          "default": true,
          "examples": [
            true
          ]
        },
        "maxLoss": {
          "description": "A loss above this ends the run as exploded. null: only one that is not finite does.",
          "type": [
            "number",
            "null"
          ],
          "exclusiveMinimum": 0,
          "default": null,
          "examples": [
            1000
          ]
        }
      }
    },
    "optimizer": {
      "title": "Optimizer",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "kind",
      "properties": {
        "kind": {
          "description": "`adam`, or `sgd` with momentum.",
          "type": "string",
          "enum": [
            "adam",
            "sgd"
          ],
          "default": "adam",
          "examples": [
            "adam"
          ]
        },
        "lr": {
          "description": "Learning rate at the start of the schedule. Not given: 0.00125 of adam, 0.1 of sgd.",
          "type": "number",
          "exclusiveMinimum": 0,
          "x-short-name": "lr",
          "examples": [
            0.00125
          ]
        },
        "weightDecay": {
          "description": "L2 penalty, added to the gradient as weightDecay times the parameter.",
          "type": "number",
          "minimum": 0,
          "default": 0,
          "examples": [
            0.0001
          ]
        },
        "betas": {
          "description": "Decay of Adam's means of the gradient and of its square.",
          "type": "array",
          "items": {
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 1
          },
          "minItems": 2,
          "maxItems": 2,
          "default": [
            0.9,
            0.999
          ],
          "examples": [
            [
              0.9,
              0.999
            ]
          ]
        },
        "epsilon": {
          "description": "Added to Adam's denominator.",
          "type": "number",
          "exclusiveMinimum": 0,
          "default": 1e-8,
          "examples": [
            1e-8
          ]
        },
        "momentum": {
          "description": "Momentum of sgd.",
          "type": "number",
          "minimum": 0,
          "exclusiveMaximum": 1,
          "default": 0.9,
          "examples": [
            0.9
          ]
        },
        "nesterov": {
          "description": "Whether sgd looks ahead by its momentum.",
          "type": "boolean",
          "default": false,
          "examples": [
            true
          ]
        },
        "groups": {
          "description": "Parameters with a learning rate or weight decay of their own; the first group that matches a parameter takes it.",
          "type": "array",
          "items": {
            "$ref": "#/definitions/parameterGroup"
          },
          "maxItems": 1000,
          "default": [],
          "examples": [
            [
              {
                "match": "*.scale",
                "lrScale": 0.1
              }
            ]
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "kind": {
                "const": "adam"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "momentum": false,
              "nesterov": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "sgd"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "betas": false,
              "epsilon": false
            }
          }
        }
      ]
    },
    "parameterGroup": {
      "title": "ParameterGroup",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "match"
      ],
      "properties": {
        "match": {
          "description": "A glob on parameter names, or a list of them.",
          "type": [
            "string",
            "array"
          ],
          "items": {
            "type": "string",
            "minLength": 1
          },
          "minItems": 1,
          "maxItems": 1000,
          "minLength": 1,
          "examples": [
            "*.weight",
            [
              "*.scale",
              "*.clip"
            ]
          ]
        },
        "lrScale": {
          "description": "The group's learning rate, in multiples of the optimizer's.",
          "type": "number",
          "minimum": 0,
          "default": 1,
          "examples": [
            0.1
          ]
        },
        "weightDecay": {
          "description": "The group's weight decay. Not given: the optimizer's.",
          "type": "number",
          "minimum": 0,
          "examples": [
            0
          ]
        }
      }
    },
    "schedule": {
      "title": "Schedule",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "kind",
      "properties": {
        "kind": {
          "description": "`linear` and `cosine` fall to 0, `step` falls at milestones, `constant` stays.",
          "type": "string",
          "enum": [
            "constant",
            "linear",
            "cosine",
            "step"
          ],
          "default": "linear",
          "examples": [
            "linear"
          ]
        },
        "per": {
          "description": "Whether the learning rate changes at every step, or once an epoch as in the released code, whose last epoch of a linear schedule runs at rate 0.",
          "type": "string",
          "enum": [
            "epoch",
            "step"
          ],
          "default": "step",
          "examples": [
            "step"
          ]
        },
        "milestones": {
          "description": "Epochs at which a step schedule multiplies the learning rate by gamma.",
          "type": "array",
          "minItems": 1,
          "maxItems": 1000,
          "items": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000
          },
          "examples": [
            [
              30,
              60,
              90
            ]
          ]
        },
        "gamma": {
          "description": "What a step schedule multiplies the learning rate by.",
          "type": "number",
          "exclusiveMinimum": 0,
          "maximum": 1,
          "default": 0.1,
          "examples": [
            0.1
          ]
        },
        "warmupEpochs": {
          "description": "Epochs in which the learning rate rises from 0.",
          "type": "number",
          "minimum": 0,
          "maximum": 1000000,
          "default": 0,
          "examples": [
            5
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "kind": {
                "const": "constant"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "per": false,
              "milestones": false,
              "gamma": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "linear"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "milestones": false,
              "gamma": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "cosine"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "milestones": false,
              "gamma": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "step"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "per": false
            },
            "x-required": [
              "milestones"
            ]
          }
        }
      ]
    },
    "loss": {
      "title": "Loss",
      "type": "object",
      "additionalProperties": false,
      "x-discriminator": "kind",
      "properties": {
        "kind": {
          "description": "`distillation` from the teacher's soft labels, `cross-entropy` with the true ones, or `mixed`. Not given: distillation where there is a teacher, cross-entropy otherwise.",
          "type": "string",
          "enum": [
            "distillation",
            "cross-entropy",
            "mixed"
          ],
          "examples": [
            "distillation"
          ]
        },
        "temperature": {
          "description": "Divides the logits of teacher and student before the softmax.",
          "type": "number",
          "exclusiveMinimum": 0,
          "default": 1,
          "examples": [
            4
          ]
        },
        "labelSmoothing": {
          "description": "Share of the label that is spread over all classes.",
          "type": "number",
          "minimum": 0,
          "exclusiveMaximum": 1,
          "default": 0,
          "examples": [
            0.1
          ]
        },
        "distillationWeight": {
          "description": "Share of the distillation term in a mixed loss, 0 to 1.",
          "type": "number",
          "minimum": 0,
          "maximum": 1,
          "default": 0.5,
          "examples": [
            0.9
          ]
        }
      },
      "allOf": [
        {
          "if": {
            "properties": {
              "kind": {
                "const": "distillation"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "labelSmoothing": false,
              "distillationWeight": false
            }
          }
        },
        {
          "if": {
            "properties": {
              "kind": {
                "const": "cross-entropy"
              }
            },
            "required": [
              "kind"
            ]
          },
          "then": {
            "properties": {
              "temperature": false,
              "distillationWeight": false
            }
          }
        }
      ]
    },
    "checkpoint": {
      "title": "Checkpoint",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "everySteps": {
          "description": "Write a checkpoint every so many steps too. null: only at the end of epochs.",
          "type": [
            "integer",
            "null"
          ],
          "minimum": 1,
          "maximum": 1000000000,
          "default": null,
          "examples": [
            500
          ]
        },
        "everyEpochs": {
          "description": "Write a checkpoint every so many epochs.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "default": 1,
          "examples": [
            1
          ]
        }
      }
    }
  }
};
