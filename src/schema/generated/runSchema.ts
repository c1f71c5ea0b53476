// Generated from schemas/run.schema.json by `npm run schemas`. Do not edit.

export const runSchema: unknown = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "run.schema.json",
  "title": "RunFiles",
  "description": "The files of a run directory, and of a sweep's folder, by their names. Unknown keys are ignored: a later version may add some.",
  "type": "object",
  "properties": {
    "resolved.yaml": {
      "description": "The experiment with every value.",
      "$ref": "#/definitions/resolved"
    },
    "identity.json": {
      "description": "Which experiment it is.",
      "$ref": "#/definitions/identity"
    },
    "sources.json": {
      "description": "Where these values came from.",
      "$ref": "#/definitions/sources"
    },
    "environment.json": {
      "description": "What the run is made with.",
      "$ref": "#/definitions/environment"
    },
    "lock": {
      "description": "Which process holds the directory.",
      "$ref": "#/definitions/lock"
    },
    "metrics.jsonl": {
      "description": "A line for a recorded training step, or the end of an epoch.",
      "type": "array",
      "items": {
        "anyOf": [
          {
            "$ref": "#/definitions/metricsStep"
          },
          {
            "$ref": "#/definitions/metricsEpoch"
          }
        ]
      }
    },
    "start.json": {
      "description": "The quantizers when training began.",
      "$ref": "#/definitions/startRecord"
    },
    "analysis.json": {
      "description": "The quantizers of the best weights.",
      "$ref": "#/definitions/analysis"
    },
    "failed.json": {
      "description": "How the last try ended.",
      "$ref": "#/definitions/failure"
    },
    "result.json": {
      "description": "What the run found.",
      "$ref": "#/definitions/result"
    },
    "sweep.json": {
      "description": "The runs of a sweep.",
      "$ref": "#/definitions/ledger"
    },
    "slurm.json": {
      "description": "A sweep's job arrays.",
      "$ref": "#/definitions/jobBook"
    }
  },
  "patternProperties": {
    "^search-.*\\.json$": {
      "description": "What a search saw on this run.",
      "$ref": "#/definitions/searchRecord"
    }
  },
  "definitions": {
    "result": {
      "description": "`result.json`: what a finished run found.",
      "type": "object",
      "required": [
        "format",
        "name",
        "hash",
        "architecture",
        "method",
        "bits",
        "seed",
        "epochs",
        "steps",
        "best",
        "final",
        "fullPrecision",
        "totals",
        "weights",
        "timing",
        "environment"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "name": {
          "description": "Name of the experiment.",
          "type": "string",
          "minLength": 1,
          "maxLength": 255,
          "examples": [
            "quickstart"
          ]
        },
        "hash": {
          "description": "Hash of the experiment.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "recipe": {
          "description": "Hash of the recipe alone, without the data and weights that are read; absent in results of versions before numerics 2.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "numerics": {
          "description": "Raised when a fix changes results; absent: 1.",
          "type": "integer",
          "minimum": 1,
          "examples": [
            2
          ]
        },
        "architecture": {
          "description": "Network.",
          "type": "string",
          "examples": [
            "cifar-resnet20"
          ]
        },
        "method": {
          "description": "Quantization method.",
          "type": "string",
          "examples": [
            "n2uq"
          ]
        },
        "bits": {
          "description": "Bits of weights and activations; null in full precision.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "weights",
            "activations"
          ],
          "properties": {
            "weights": {
              "description": "Bits of the weights.",
              "type": "integer",
              "minimum": 0,
              "examples": [
                2
              ]
            },
            "activations": {
              "description": "Bits of the activations.",
              "type": "integer",
              "minimum": 0,
              "examples": [
                2
              ]
            }
          }
        },
        "seed": {
          "description": "Seed of the training.",
          "type": "integer",
          "examples": [
            0
          ]
        },
        "epochs": {
          "description": "Epochs trained.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            20
          ]
        },
        "steps": {
          "description": "Optimizer steps done.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            640
          ]
        },
        "best": {
          "description": "Validation after the best epoch.",
          "type": "object",
          "required": [
            "epoch",
            "loss",
            "top1",
            "top5"
          ],
          "properties": {
            "epoch": {
              "description": "Epoch, from 1.",
              "type": "integer",
              "minimum": 0,
              "examples": [
                2
              ]
            },
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "top1": {
              "description": "Accuracy in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                97.5
              ]
            },
            "top5": {
              "description": "Share of images with their label among the five likeliest classes, in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                99.8
              ]
            }
          }
        },
        "final": {
          "description": "Validation after the last epoch.",
          "type": "object",
          "required": [
            "loss",
            "top1",
            "top5"
          ],
          "properties": {
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "top1": {
              "description": "Accuracy in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                97.5
              ]
            },
            "top5": {
              "description": "Share of images with their label among the five likeliest classes, in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                99.8
              ]
            }
          }
        },
        "fullPrecision": {
          "description": "The full-precision experiment that the run started or learned from; null where there is none.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "name",
            "hash",
            "architecture",
            "bitOps",
            "packedBytes",
            "loss",
            "top1",
            "top5"
          ],
          "properties": {
            "name": {
              "description": "Name of the experiment.",
              "type": "string",
              "minLength": 1,
              "maxLength": 255,
              "examples": [
                "quickstart"
              ]
            },
            "hash": {
              "description": "Hash of the experiment.",
              "type": "string",
              "pattern": "^[0-9a-f]{8,64}$",
              "examples": [
                "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
              ]
            },
            "architecture": {
              "description": "Its network.",
              "type": "string",
              "examples": [
                "cifar-resnet20"
              ]
            },
            "bitOps": {
              "description": "Multiplications, each times its weight bits and activation bits.",
              "type": "number",
              "minimum": 0,
              "examples": [
                655360
              ]
            },
            "packedBytes": {
              "description": "Size with weights packed at their bits.",
              "type": "number",
              "minimum": 0,
              "examples": [
                1664
              ]
            },
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "top1": {
              "description": "Accuracy in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                97.5
              ]
            },
            "top5": {
              "description": "Share of images with their label among the five likeliest classes, in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                99.8
              ]
            }
          }
        },
        "totals": {
          "description": "What the network costs.",
          "type": "object",
          "required": [
            "parameters",
            "macs",
            "bitOps",
            "packedBytes"
          ],
          "properties": {
            "parameters": {
              "description": "Number of weights and other parameters.",
              "type": "integer",
              "minimum": 0,
              "examples": [
                1454
              ]
            },
            "macs": {
              "description": "Multiplications of one image.",
              "type": "number",
              "minimum": 0,
              "examples": [
                8800
              ]
            },
            "bitOps": {
              "description": "Multiplications, each times its weight bits and activation bits.",
              "type": "number",
              "minimum": 0,
              "examples": [
                655360
              ]
            },
            "packedBytes": {
              "description": "Size with weights packed at their bits.",
              "type": "number",
              "minimum": 0,
              "examples": [
                1664
              ]
            }
          }
        },
        "weights": {
          "description": "SHA-256 of the final weights.",
          "type": "string",
          "examples": [
            "22ebe2f352261a831f72bfd51c69f599467eaa68d49b7616560f6ec5af610e02"
          ]
        },
        "timing": {
          "description": "How long training took.",
          "type": "object",
          "required": [
            "seconds",
            "imagesPerSecond"
          ],
          "properties": {
            "seconds": {
              "description": "Seconds of training.",
              "type": "number",
              "minimum": 0,
              "examples": [
                6.43
              ]
            },
            "imagesPerSecond": {
              "description": "Training images a second.",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                1591.5
              ]
            }
          }
        },
        "environment": {
          "description": "What a run was made with.",
          "type": "object",
          "required": [
            "n2uq",
            "node",
            "platform",
            "engine",
            "tfjs",
            "gitCommit",
            "gitDirty"
          ],
          "properties": {
            "n2uq": {
              "description": "Version of n2uq.",
              "type": "string",
              "examples": [
                "0.1.0"
              ]
            },
            "node": {
              "description": "Version of Node.js.",
              "type": "string",
              "examples": [
                "v20.20.2"
              ]
            },
            "platform": {
              "description": "Operating system and processor.",
              "type": "string",
              "examples": [
                "linux-x64"
              ]
            },
            "engine": {
              "description": "The engine.",
              "type": "object",
              "required": [
                "name",
                "version",
                "device"
              ],
              "properties": {
                "name": {
                  "description": "Its name.",
                  "type": "string",
                  "examples": [
                    "torch"
                  ]
                },
                "version": {
                  "description": "Its version.",
                  "type": "string",
                  "examples": [
                    "1.13.0"
                  ]
                },
                "device": {
                  "description": "What it ran on.",
                  "type": "string",
                  "examples": [
                    "CPU (2 threads, libtorch)"
                  ]
                }
              }
            },
            "tfjs": {
              "description": "Version of tfjs-core.",
              "type": "string",
              "examples": [
                "4.22.0"
              ]
            },
            "gitCommit": {
              "description": "Commit of the folder in which n2uq was called; null outside of a repository.",
              "type": [
                "string",
                "null"
              ],
              "examples": [
                "025357a81cc2663785e9bc91babc4006e5e8150b"
              ]
            },
            "gitDirty": {
              "description": "Whether that folder had uncommitted changes.",
              "type": [
                "boolean",
                "null"
              ],
              "examples": [
                false
              ]
            }
          }
        },
        "deadLayers": {
          "description": "Layers that give the same whatever comes in, or did for a while; absent in records of older versions.",
          "type": "array",
          "examples": [
            []
          ],
          "items": {
            "type": "object",
            "required": [
              "layer",
              "parameter",
              "bound",
              "steps",
              "firstStep",
              "atEnd",
              "value"
            ],
            "properties": {
              "layer": {
                "description": "The quantizer, or the layer whose weights are quantized.",
                "type": "string",
                "examples": [
                  "layer1.0.quan1"
                ]
              },
              "parameter": {
                "description": "The parameter at its bound.",
                "type": [
                  "string",
                  "null"
                ],
                "examples": [
                  "step"
                ]
              },
              "bound": {
                "description": "At or below this the parameter is clamped.",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  0
                ]
              },
              "steps": {
                "description": "Steps after which it was so.",
                "type": "number",
                "examples": [
                  12
                ]
              },
              "firstStep": {
                "description": "The first of them.",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  3
                ]
              },
              "atEnd": {
                "description": "Whether it was so after the last step.",
                "type": "boolean",
                "examples": [
                  true
                ]
              },
              "value": {
                "description": "The parameter's last value, or the only level; null where it is not a finite number (a diverged run).",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  -0.01
                ]
              }
            }
          }
        }
      }
    },
    "identity": {
      "description": "`identity.json`: which experiment a run directory belongs to.",
      "type": "object",
      "required": [
        "format",
        "name",
        "hash",
        "recipe"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "name": {
          "description": "Name of the experiment.",
          "type": "string",
          "minLength": 1,
          "maxLength": 255,
          "examples": [
            "quickstart"
          ]
        },
        "hash": {
          "description": "Hash of the experiment.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "recipe": {
          "description": "Hash of the recipe alone.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "content": {
          "description": "Digests of what is read from files.",
          "type": "object",
          "properties": {
            "data": {
              "description": "Of the images.",
              "type": [
                "string",
                "null"
              ],
              "examples": [
                "9f86d081"
              ]
            },
            "teacher": {
              "description": "Of the teacher's weights.",
              "type": [
                "string",
                "null"
              ],
              "examples": [
                "9f86d081"
              ]
            },
            "init": {
              "description": "Of the initial weights.",
              "type": [
                "string",
                "null"
              ],
              "examples": [
                "9f86d081"
              ]
            }
          },
          "examples": [
            {}
          ]
        },
        "places": {
          "description": "Where these lay, absolute.",
          "type": "object",
          "properties": {
            "data": {
              "description": "Of the images.",
              "type": "string",
              "examples": [
                "9f86d081"
              ]
            },
            "teacher": {
              "description": "Of the teacher's weights.",
              "type": "string",
              "examples": [
                "9f86d081"
              ]
            },
            "init": {
              "description": "Of the initial weights.",
              "type": "string",
              "examples": [
                "9f86d081"
              ]
            }
          },
          "examples": [
            {}
          ]
        },
        "data": {
          "description": "Of images in files; null for all other data.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "digest",
            "train",
            "test"
          ],
          "properties": {
            "digest": {
              "description": "SHA-256 of names, sizes and a sample of the bytes.",
              "type": "string",
              "examples": [
                "9f86d081"
              ]
            },
            "train": {
              "description": "Images of a split.",
              "type": "object",
              "required": [
                "images",
                "classes"
              ],
              "properties": {
                "images": {
                  "description": "How many.",
                  "type": "integer",
                  "minimum": 0,
                  "examples": [
                    640
                  ]
                },
                "classes": {
                  "description": "Images by class, in the order of the labels.",
                  "type": "object",
                  "additionalProperties": {
                    "type": "integer"
                  },
                  "examples": [
                    {
                      "cat": 320
                    }
                  ]
                }
              }
            },
            "test": {
              "description": "Images of a split.",
              "type": "object",
              "required": [
                "images",
                "classes"
              ],
              "properties": {
                "images": {
                  "description": "How many.",
                  "type": "integer",
                  "minimum": 0,
                  "examples": [
                    640
                  ]
                },
                "classes": {
                  "description": "Images by class, in the order of the labels.",
                  "type": "object",
                  "additionalProperties": {
                    "type": "integer"
                  },
                  "examples": [
                    {
                      "cat": 320
                    }
                  ]
                }
              }
            }
          }
        },
        "formerly": {
          "description": "Hashes that the run had before `n2uq runs --rehash`.",
          "type": "array",
          "items": {
            "type": "string"
          },
          "examples": [
            []
          ]
        }
      }
    },
    "analysis": {
      "description": "`analysis.json`: what the best weights of a finished run look like.",
      "type": "object",
      "required": [
        "format",
        "hash",
        "images",
        "layers",
        "weights",
        "activations"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "hash": {
          "description": "Hash of the experiment.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "images": {
          "description": "Validation images over which activations are counted.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            64
          ]
        },
        "layers": {
          "description": "Every layer's cost.",
          "type": "array",
          "items": {
            "description": "A layer.",
            "type": "object",
            "required": [
              "id",
              "kind",
              "outputShape",
              "weightBits",
              "activationBits",
              "method",
              "parameters",
              "macs",
              "bitOps",
              "packedBytes"
            ],
            "properties": {
              "id": {
                "description": "Name of the layer.",
                "type": "string",
                "examples": [
                  "layer1.0.conv1"
                ]
              },
              "kind": {
                "description": "Kind of the layer.",
                "type": "string",
                "examples": [
                  "conv"
                ]
              },
              "outputShape": {
                "description": "Shape of its output.",
                "type": "array",
                "items": {
                  "type": "integer"
                },
                "examples": [
                  [
                    8,
                    8,
                    4
                  ]
                ]
              },
              "weightBits": {
                "description": "Bits of the weights; null without weights.",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  2
                ]
              },
              "activationBits": {
                "description": "Bits of the input; null without weights.",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  2
                ]
              },
              "method": {
                "description": "Quantization method.",
                "type": "string",
                "examples": [
                  "n2uq"
                ]
              },
              "parameters": {
                "description": "Number of weights and other parameters.",
                "type": "integer",
                "minimum": 0,
                "examples": [
                  1454
                ]
              },
              "macs": {
                "description": "Multiplications of one image.",
                "type": "number",
                "minimum": 0,
                "examples": [
                  8800
                ]
              },
              "bitOps": {
                "description": "Multiplications, each times its weight bits and activation bits.",
                "type": "number",
                "minimum": 0,
                "examples": [
                  655360
                ]
              },
              "packedBytes": {
                "description": "Size with weights packed at their bits.",
                "type": "number",
                "minimum": 0,
                "examples": [
                  1664
                ]
              }
            }
          },
          "examples": [
            []
          ]
        },
        "weights": {
          "description": "Quantized weights, by layer.",
          "type": "array",
          "items": {
            "description": "A layer's weights.",
            "type": "object",
            "required": [
              "layer",
              "method",
              "bits",
              "levels",
              "counts",
              "entropy"
            ],
            "properties": {
              "layer": {
                "description": "The layer.",
                "type": "string",
                "examples": [
                  "layer1.0.conv1"
                ]
              },
              "method": {
                "description": "Quantization method.",
                "type": "string",
                "examples": [
                  "n2uq"
                ]
              },
              "bits": {
                "description": "Bits.",
                "type": "integer",
                "minimum": 0,
                "examples": [
                  2
                ]
              },
              "levels": {
                "description": "Values that the quantizer takes.",
                "type": "array",
                "items": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  [
                    0,
                    0.5
                  ]
                ]
              },
              "counts": {
                "description": "How often it takes each.",
                "type": "array",
                "items": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  [
                    0,
                    0.5
                  ]
                ]
              },
              "entropy": {
                "description": "Entropy of that in bits.",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  1.9
                ]
              }
            }
          },
          "examples": [
            []
          ]
        },
        "activations": {
          "description": "Quantized activations, by layer.",
          "type": "array",
          "items": {
            "description": "A layer's activations.",
            "type": "object",
            "required": [
              "layer",
              "method",
              "bits",
              "levels",
              "counts",
              "entropy",
              "start",
              "end"
            ],
            "properties": {
              "layer": {
                "description": "The layer.",
                "type": "string",
                "examples": [
                  "layer1.0.conv1"
                ]
              },
              "method": {
                "description": "Quantization method.",
                "type": "string",
                "examples": [
                  "n2uq"
                ]
              },
              "bits": {
                "description": "Bits.",
                "type": "integer",
                "minimum": 0,
                "examples": [
                  2
                ]
              },
              "levels": {
                "description": "Values that the quantizer takes.",
                "type": "array",
                "items": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  [
                    0,
                    0.5
                  ]
                ]
              },
              "counts": {
                "description": "How often it takes each.",
                "type": "array",
                "items": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  [
                    0,
                    0.5
                  ]
                ]
              },
              "entropy": {
                "description": "Entropy of that in bits.",
                "type": [
                  "number",
                  "null"
                ],
                "examples": [
                  1.9
                ]
              },
              "start": {
                "description": "As training began; null where it was not recorded.",
                "type": [
                  "object",
                  "null"
                ],
                "required": [
                  "thresholds",
                  "levels"
                ],
                "properties": {
                  "thresholds": {
                    "description": "Ascending, in units of the input.",
                    "type": "array",
                    "items": {
                      "type": [
                        "number",
                        "null"
                      ]
                    },
                    "examples": [
                      [
                        0,
                        0.5
                      ]
                    ]
                  },
                  "levels": {
                    "description": "One more than thresholds, in units of the output.",
                    "type": "array",
                    "items": {
                      "type": [
                        "number",
                        "null"
                      ]
                    },
                    "examples": [
                      [
                        0,
                        0.5
                      ]
                    ]
                  }
                }
              },
              "end": {
                "description": "An activation quantizer: an input above the first k thresholds becomes level k.",
                "type": "object",
                "required": [
                  "thresholds",
                  "levels"
                ],
                "properties": {
                  "thresholds": {
                    "description": "Ascending, in units of the input.",
                    "type": "array",
                    "items": {
                      "type": [
                        "number",
                        "null"
                      ]
                    },
                    "examples": [
                      [
                        0,
                        0.5
                      ]
                    ]
                  },
                  "levels": {
                    "description": "One more than thresholds, in units of the output.",
                    "type": "array",
                    "items": {
                      "type": [
                        "number",
                        "null"
                      ]
                    },
                    "examples": [
                      [
                        0,
                        0.5
                      ]
                    ]
                  }
                }
              }
            }
          },
          "examples": [
            []
          ]
        }
      }
    },
    "startRecord": {
      "description": "`start.json`: the activation quantizers when training began.",
      "type": "object",
      "required": [
        "format",
        "hash",
        "staircases"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "hash": {
          "description": "Hash of the experiment.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "staircases": {
          "description": "By layer.",
          "type": "object",
          "additionalProperties": {
            "description": "An activation quantizer: an input above the first k thresholds becomes level k.",
            "type": "object",
            "required": [
              "thresholds",
              "levels"
            ],
            "properties": {
              "thresholds": {
                "description": "Ascending, in units of the input.",
                "type": "array",
                "items": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  [
                    0,
                    0.5
                  ]
                ]
              },
              "levels": {
                "description": "One more than thresholds, in units of the output.",
                "type": "array",
                "items": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  [
                    0,
                    0.5
                  ]
                ]
              }
            }
          },
          "examples": [
            {}
          ]
        }
      }
    },
    "environment": {
      "description": "What a run was made with.",
      "type": "object",
      "required": [
        "n2uq",
        "node",
        "platform",
        "engine",
        "tfjs",
        "gitCommit",
        "gitDirty"
      ],
      "properties": {
        "n2uq": {
          "description": "Version of n2uq.",
          "type": "string",
          "examples": [
            "0.1.0"
          ]
        },
        "node": {
          "description": "Version of Node.js.",
          "type": "string",
          "examples": [
            "v20.20.2"
          ]
        },
        "platform": {
          "description": "Operating system and processor.",
          "type": "string",
          "examples": [
            "linux-x64"
          ]
        },
        "engine": {
          "description": "The engine.",
          "type": "object",
          "required": [
            "name",
            "version",
            "device"
          ],
          "properties": {
            "name": {
              "description": "Its name.",
              "type": "string",
              "examples": [
                "torch"
              ]
            },
            "version": {
              "description": "Its version.",
              "type": "string",
              "examples": [
                "1.13.0"
              ]
            },
            "device": {
              "description": "What it ran on.",
              "type": "string",
              "examples": [
                "CPU (2 threads, libtorch)"
              ]
            }
          }
        },
        "tfjs": {
          "description": "Version of tfjs-core.",
          "type": "string",
          "examples": [
            "4.22.0"
          ]
        },
        "gitCommit": {
          "description": "Commit of the folder in which n2uq was called; null outside of a repository.",
          "type": [
            "string",
            "null"
          ],
          "examples": [
            "025357a81cc2663785e9bc91babc4006e5e8150b"
          ]
        },
        "gitDirty": {
          "description": "Whether that folder had uncommitted changes.",
          "type": [
            "boolean",
            "null"
          ],
          "examples": [
            false
          ]
        },
        "machine": {
          "description": "What the last bits of a result depend on beside the engine; absent in records of older versions.",
          "type": "object",
          "required": [
            "processor",
            "instructions",
            "vectors",
            "threads",
            "ranks"
          ],
          "properties": {
            "processor": {
              "description": "Its name.",
              "type": "string",
              "examples": [
                "AMD EPYC 9R14"
              ]
            },
            "instructions": {
              "description": "Vector instructions of the processor by which libraries choose how to compute.",
              "type": "array",
              "items": {
                "type": "string"
              },
              "examples": [
                [
                  "avx2",
                  "avx512f"
                ]
              ]
            },
            "vectors": {
              "description": "The vector instructions that the engine uses, where it says so.",
              "type": [
                "string",
                "null"
              ],
              "examples": [
                "AVX512"
              ]
            },
            "threads": {
              "description": "Threads of one operation, in each rank.",
              "type": "number",
              "examples": [
                2
              ]
            },
            "ranks": {
              "description": "Processes that trained together.",
              "type": "number",
              "examples": [
                1
              ]
            }
          }
        }
      }
    },
    "failure": {
      "description": "`failed.json`: how the last try of a run ended; removed when the run is tried again.",
      "type": "object",
      "required": [
        "code",
        "message",
        "time"
      ],
      "properties": {
        "code": {
          "description": "An error's code, or what happened to the process.",
          "type": "string",
          "examples": [
            "N2UQ_TRAIN_DIVERGED"
          ]
        },
        "message": {
          "description": "The error's message.",
          "type": "string",
          "examples": [
            "the loss is not a number at step 12"
          ]
        },
        "time": {
          "description": "ISO time.",
          "type": "string",
          "examples": [
            "2026-11-28T02:47:39.830Z"
          ]
        }
      }
    },
    "lock": {
      "description": "`lock`: the process that holds a directory.",
      "type": "object",
      "required": [
        "pid",
        "host",
        "beat",
        "progress"
      ],
      "properties": {
        "pid": {
          "description": "Number of the process.",
          "type": "integer",
          "minimum": 1,
          "examples": [
            8193
          ]
        },
        "host": {
          "description": "Name of its machine.",
          "type": "string",
          "examples": [
            "node17"
          ]
        },
        "beat": {
          "description": "ISO time of its last sign of life.",
          "type": "string",
          "examples": [
            "2026-11-28T02:47:39.838Z"
          ]
        },
        "progress": {
          "description": "How far the process has come; null before the first step.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "step",
            "totalSteps",
            "loss",
            "secondsLeft"
          ],
          "properties": {
            "step": {
              "description": "Optimizer steps done.",
              "type": "integer",
              "minimum": 0,
              "examples": [
                640
              ]
            },
            "totalSteps": {
              "description": "Steps of the whole run.",
              "type": "integer",
              "minimum": 0,
              "examples": [
                1280
              ]
            },
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "secondsLeft": {
              "description": "Estimated seconds to the end.",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                93
              ]
            }
          }
        }
      }
    },
    "metricsStep": {
      "description": "A training step in `metrics.jsonl`.",
      "type": "object",
      "required": [
        "type",
        "step",
        "epoch",
        "loss",
        "top1",
        "lr"
      ],
      "properties": {
        "type": {
          "description": "Kind of the line.",
          "type": "string",
          "const": "step",
          "examples": [
            "step"
          ]
        },
        "step": {
          "description": "Optimizer steps done.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            640
          ]
        },
        "epoch": {
          "description": "Epoch, from 1.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            2
          ]
        },
        "loss": {
          "description": "Mean over images; null where it is not a finite number (a diverged run).",
          "type": [
            "number",
            "null"
          ],
          "examples": [
            0.114
          ]
        },
        "top1": {
          "description": "Accuracy in percent.",
          "type": "number",
          "minimum": 0,
          "maximum": 100,
          "examples": [
            97.5
          ]
        },
        "lr": {
          "description": "Learning rate.",
          "type": "number",
          "examples": [
            0.004
          ]
        }
      }
    },
    "metricsEpoch": {
      "description": "The end of an epoch in `metrics.jsonl`.",
      "type": "object",
      "required": [
        "type",
        "step",
        "epoch",
        "train",
        "validation",
        "best",
        "lr",
        "gradientNorm"
      ],
      "properties": {
        "type": {
          "description": "Kind of the line.",
          "type": "string",
          "const": "epoch",
          "examples": [
            "epoch"
          ]
        },
        "step": {
          "description": "Optimizer steps done.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            640
          ]
        },
        "epoch": {
          "description": "Epoch, from 1.",
          "type": "integer",
          "minimum": 0,
          "examples": [
            2
          ]
        },
        "train": {
          "description": "Over the epoch's training batches.",
          "type": "object",
          "required": [
            "loss",
            "top1",
            "top5"
          ],
          "properties": {
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "top1": {
              "description": "Accuracy in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                97.5
              ]
            },
            "top5": {
              "description": "Share of images with their label among the five likeliest classes, in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                99.8
              ]
            }
          }
        },
        "validation": {
          "description": "Over the validation images.",
          "type": "object",
          "required": [
            "loss",
            "top1",
            "top5"
          ],
          "properties": {
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "top1": {
              "description": "Accuracy in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                97.5
              ]
            },
            "top5": {
              "description": "Share of images with their label among the five likeliest classes, in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                99.8
              ]
            }
          }
        },
        "best": {
          "description": "Whether it is the best epoch so far.",
          "type": "boolean",
          "examples": [
            true
          ]
        },
        "lr": {
          "description": "Learning rate.",
          "type": "number",
          "examples": [
            0.004
          ]
        },
        "gradientNorm": {
          "description": "Euclidean norm of the gradient at the epoch's last step.",
          "type": [
            "number",
            "null"
          ],
          "examples": [
            1.2
          ]
        }
      }
    },
    "searchRecord": {
      "description": "`search-NAME.json`: what a search for mixed precision saw on this run.",
      "type": "object",
      "required": [
        "format",
        "name",
        "baseline",
        "costs",
        "layers"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "name": {
          "description": "Name of the experiment.",
          "type": "string",
          "minLength": 1,
          "maxLength": 255,
          "examples": [
            "quickstart"
          ]
        },
        "baseline": {
          "description": "With every layer at its largest bits, on the held-out images.",
          "type": "object",
          "required": [
            "loss",
            "top1"
          ],
          "properties": {
            "loss": {
              "description": "Mean over images; null where it is not a finite number (a diverged run).",
              "type": [
                "number",
                "null"
              ],
              "examples": [
                0.114
              ]
            },
            "top1": {
              "description": "Accuracy in percent.",
              "type": "number",
              "minimum": 0,
              "maximum": 100,
              "examples": [
                97.5
              ]
            }
          }
        },
        "costs": {
          "description": "What was limited, and what the choice comes to.",
          "type": "object",
          "additionalProperties": {
            "description": "A limit.",
            "type": "object",
            "required": [
              "limit",
              "found"
            ],
            "properties": {
              "limit": {
                "description": "The limit.",
                "type": "number",
                "examples": [
                  2.5
                ]
              },
              "found": {
                "description": "What the choice costs.",
                "type": "number",
                "examples": [
                  2.48
                ]
              }
            }
          },
          "examples": [
            {}
          ]
        },
        "layers": {
          "description": "The searched layers.",
          "type": "array",
          "items": {
            "description": "A layer.",
            "type": "object",
            "required": [
              "layer",
              "penalties",
              "bits"
            ],
            "properties": {
              "layer": {
                "description": "Name of the layer.",
                "type": "string",
                "examples": [
                  "layer1.0.conv1"
                ]
              },
              "penalties": {
                "description": "Added loss by candidate bits; null where it is not a finite number.",
                "type": "object",
                "additionalProperties": {
                  "type": [
                    "number",
                    "null"
                  ]
                },
                "examples": [
                  {
                    "2": 0.01
                  }
                ]
              },
              "bits": {
                "description": "The chosen bits.",
                "type": "integer",
                "minimum": 0,
                "examples": [
                  2
                ]
              }
            }
          },
          "examples": [
            []
          ]
        }
      }
    },
    "ledger": {
      "description": "`sweeps/NAME-HASH/sweep.json`: the runs of a sweep.",
      "type": "object",
      "required": [
        "format",
        "name",
        "hash",
        "file",
        "n2uq",
        "created",
        "cells"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "name": {
          "description": "Name of the experiment.",
          "type": "string",
          "minLength": 1,
          "maxLength": 255,
          "examples": [
            "quickstart"
          ]
        },
        "hash": {
          "description": "Hash of the experiment.",
          "type": "string",
          "pattern": "^[0-9a-f]{8,64}$",
          "examples": [
            "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
          ]
        },
        "file": {
          "description": "The sweep file, relative to the runs folder.",
          "type": [
            "string",
            "null"
          ],
          "examples": [
            "../sweep.yaml"
          ]
        },
        "n2uq": {
          "description": "Version of n2uq.",
          "type": "string",
          "examples": [
            "0.1.0"
          ]
        },
        "created": {
          "description": "ISO time of its first start.",
          "type": "string",
          "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$",
          "examples": [
            "2026-11-28T02:47:39.830Z"
          ]
        },
        "cells": {
          "description": "Its runs, those that others need first.",
          "type": "array",
          "items": {
            "description": "A run of a sweep.",
            "type": "object",
            "required": [
              "hash",
              "name",
              "values",
              "needs",
              "shared",
              "bitOps",
              "steps",
              "directory"
            ],
            "properties": {
              "hash": {
                "description": "Hash of the experiment.",
                "type": "string",
                "pattern": "^[0-9a-f]{8,64}$",
                "examples": [
                  "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef"
                ]
              },
              "name": {
                "description": "Name of the experiment.",
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "examples": [
                  "quickstart"
                ]
              },
              "values": {
                "description": "Values of the axes, as written.",
                "type": "object",
                "additionalProperties": {
                  "type": "string"
                },
                "examples": [
                  {
                    "bits": "2"
                  }
                ]
              },
              "needs": {
                "description": "Hashes of the runs that must be done before.",
                "type": "array",
                "items": {
                  "type": "string"
                },
                "examples": [
                  []
                ]
              },
              "nodes": {
                "description": "Machines that it trains on.",
                "type": "integer",
                "minimum": 1,
                "examples": [
                  1
                ]
              },
              "shared": {
                "description": "Whether it is needed by cells and no cell itself.",
                "type": "boolean",
                "examples": [
                  false
                ]
              },
              "bitOps": {
                "description": "Multiplications, each times its weight bits and activation bits.",
                "type": "number",
                "minimum": 0,
                "examples": [
                  655360
                ]
              },
              "steps": {
                "description": "Optimizer steps done.",
                "type": "integer",
                "minimum": 0,
                "examples": [
                  640
                ]
              },
              "directory": {
                "description": "Name of its run directory.",
                "type": "string",
                "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
                "minLength": 1,
                "maxLength": 255,
                "examples": [
                  "tiny-0faafb49"
                ]
              }
            }
          },
          "examples": [
            []
          ]
        }
      }
    },
    "jobBook": {
      "description": "`sweeps/NAME-HASH/slurm.json`: what of a sweep was given to Slurm.",
      "type": "object",
      "required": [
        "format",
        "submissions"
      ],
      "properties": {
        "format": {
          "description": "Version of this file's form. A file of another one is left alone.",
          "const": 1,
          "type": "integer",
          "examples": [
            1
          ]
        },
        "submissions": {
          "description": "Job arrays in the order in which they were submitted.",
          "type": "array",
          "items": {
            "description": "A job array.",
            "type": "object",
            "required": [
              "name",
              "job",
              "user",
              "submitted",
              "after",
              "cells"
            ],
            "properties": {
              "name": {
                "description": "Name of the job.",
                "type": "string",
                "minLength": 1,
                "examples": [
                  "n2uq-tiny-0faafb49-1-1f2e3d4c"
                ]
              },
              "job": {
                "description": "Number of the job; null until sbatch has told it.",
                "type": [
                  "string",
                  "null"
                ],
                "pattern": "^[0-9]+$",
                "examples": [
                  "1234"
                ]
              },
              "user": {
                "description": "Number of the user who submitted it.",
                "type": "integer",
                "minimum": 0,
                "examples": [
                  1000
                ]
              },
              "submitted": {
                "description": "ISO time.",
                "type": "string",
                "examples": [
                  "2026-11-28T02:47:39.830Z"
                ]
              },
              "after": {
                "description": "Jobs that must end well before.",
                "type": "array",
                "items": {
                  "type": "string"
                },
                "examples": [
                  [
                    "1233"
                  ]
                ]
              },
              "cells": {
                "description": "Hashes of its runs, by index.",
                "type": "array",
                "items": {
                  "type": "string"
                },
                "examples": [
                  []
                ]
              }
            }
          },
          "examples": [
            []
          ]
        }
      }
    },
    "resolved": {
      "description": "`resolved.yaml`: every value of the experiment. It is an experiment file itself, with the schema `experiment.schema.json`; a reader of runs asks for its sections only.",
      "type": "object",
      "required": [
        "name",
        "architecture",
        "quantization",
        "data",
        "training"
      ],
      "properties": {
        "name": {
          "description": "Name of the experiment.",
          "type": "string",
          "minLength": 1,
          "maxLength": 255,
          "examples": [
            "quickstart"
          ]
        },
        "architecture": {
          "description": "The section `architecture` of the experiment.",
          "type": "object",
          "examples": [
            {}
          ]
        },
        "quantization": {
          "description": "The section `quantization` of the experiment.",
          "type": "object",
          "examples": [
            {}
          ]
        },
        "data": {
          "description": "The section `data` of the experiment.",
          "type": "object",
          "examples": [
            {}
          ]
        },
        "training": {
          "description": "The section `training` of the experiment.",
          "type": "object",
          "examples": [
            {}
          ]
        }
      }
    },
    "sources": {
      "description": "`sources.json`: where each value of the experiment came from, by its path.",
      "type": "object",
      "additionalProperties": {
        "type": "string"
      }
    }
  }
};
