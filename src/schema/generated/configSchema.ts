// Generated from schemas/config.schema.json by `npm run schemas`. Do not edit.

export const configSchema: unknown = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "config.schema.json",
  "title": "ProjectConfig",
  "description": "A project's own defaults: n2uq.config.yaml, .n2uqrc, or the key `n2uq` of package.json. Paths are relative to the file.",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "$schema": {
      "description": "Where editors find this schema.",
      "type": "string",
      "examples": [
        "./schemas/config.schema.json"
      ]
    },
    "experiment": {
      "description": "The experiment that commands take when none is named.",
      "type": "string",
      "minLength": 1,
      "x-path": true,
      "examples": [
        "./experiments/quickstart.yaml"
      ]
    },
    "runs": {
      "description": "Folder of the run directories.",
      "type": "string",
      "minLength": 1,
      "default": "runs",
      "x-path": true,
      "examples": [
        "./runs"
      ]
    },
    "data": {
      "title": "DataFolders",
      "description": "Where data sets lie on this machine.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "mnist": {
          "$ref": "#/definitions/dataFolder",
          "description": "MNIST; not given: fetched into the user's cache.",
          "examples": [
            {
              "root": "./data/mnist"
            }
          ]
        },
        "cifar10": {
          "$ref": "#/definitions/dataFolder",
          "description": "CIFAR-10; not given: fetched into the user's cache.",
          "examples": [
            {
              "root": "./data/cifar10"
            }
          ]
        },
        "imagenet": {
          "$ref": "#/definitions/dataFolder",
          "description": "ImageNet: a folder with train/ and val/, a folder a class.",
          "examples": [
            {
              "root": "/data/imagenet"
            }
          ]
        },
        "image-folder": {
          "$ref": "#/definitions/dataFolder",
          "description": "The folder of experiments on `image-folder` that name none.",
          "examples": [
            {
              "root": "/data/flowers"
            }
          ]
        },
        "shards": {
          "$ref": "#/definitions/dataFolder",
          "description": "The folder of the tar files of experiments on `shards` that name none.",
          "examples": [
            {
              "root": "/data/shards"
            }
          ]
        }
      },
      "examples": [
        {
          "imagenet": {
            "root": "/data/imagenet"
          }
        }
      ]
    },
    "engine": {
      "description": "The engine of experiments that name none.",
      "type": "string",
      "enum": [
        "auto",
        "torch",
        "tensorflow",
        "wasm",
        "cpu"
      ],
      "examples": [
        "wasm"
      ]
    },
    "engines": {
      "title": "EngineSettings",
      "description": "How engines use this machine. No result depends on it but for rounding, so it is no part of an experiment.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "tensorflow": {
          "title": "TensorFlowSettings",
          "description": "The tensorflow engine. An environment variable that is set counts more than what is said here.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "device": {
              "description": "Where it computes: `auto` (a GPU if there is one), `cpu`, `gpu`, or one of several GPUs, `gpu:1` (CUDA_VISIBLE_DEVICES). Not given: `auto`.",
              "type": "string",
              "pattern": "^(auto|cpu|gpu(:[0-9]+)?)$",
              "examples": [
                "auto",
                "gpu:1"
              ]
            },
            "memoryGrowth": {
              "description": "Take GPU memory as it is needed rather than all of it at once (TF_FORCE_GPU_ALLOW_GROWTH). Not given: true.",
              "type": "boolean",
              "examples": [
                false
              ]
            },
            "threads": {
              "description": "Threads of one operation on the CPU (TF_NUM_INTRAOP_THREADS). Not given: one a core.",
              "type": "integer",
              "minimum": 1,
              "maximum": 1024,
              "examples": [
                4
              ]
            }
          },
          "examples": [
            {
              "device": "gpu:0"
            }
          ]
        },
        "torch": {
          "title": "TorchSettings",
          "description": "The torch engine. An environment variable that is set counts more than what is said here.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "device": {
              "description": "Where it computes: `cpu`, `auto` (a GPU if there is one), `gpu`, or one of several GPUs, `gpu:1` (CUDA_VISIBLE_DEVICES). Not given: `cpu`, since no GPU has run it yet.",
              "type": "string",
              "pattern": "^(auto|cpu|gpu(:[0-9]+)?)$",
              "examples": [
                "auto",
                "gpu:1"
              ]
            },
            "threads": {
              "description": "Threads of one operation on the CPU (OMP_NUM_THREADS). Not given: one a core.",
              "type": "integer",
              "minimum": 1,
              "maximum": 1024,
              "examples": [
                4
              ]
            }
          },
          "examples": [
            {
              "threads": 4
            }
          ]
        }
      },
      "examples": [
        {
          "tensorflow": {
            "device": "gpu",
            "memoryGrowth": true
          }
        }
      ]
    },
    "defaults": {
      "$ref": "experiment.schema.json",
      "description": "Part of an experiment that every experiment of the project starts from.",
      "examples": [
        {
          "training": {
            "batchSize": 64
          }
        }
      ]
    },
    "profiles": {
      "title": "Profiles",
      "description": "Overlays by name, for `--profile NAME`: a file, or part of an experiment.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"
      },
      "additionalProperties": {
        "type": [
          "string",
          "object"
        ],
        "x-path": true,
        "if": {
          "type": "object"
        },
        "then": {
          "$ref": "experiment.schema.json"
        }
      },
      "examples": [
        {
          "quick": {
            "training": {
              "epochs": 1
            }
          },
          "long": "./profiles/long.yaml"
        }
      ]
    },
    "slurm": {
      "title": "SlurmResources",
      "description": "What a sweep asks of Slurm for each cell, with `n2uq sweep --runner slurm`.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "partition": {
          "description": "Partition, or several of them joined by commas; not given: the cluster's default.",
          "type": "string",
          "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.,+-]*$",
          "examples": [
            "gpu",
            "short,long"
          ]
        },
        "account": {
          "description": "Account that the time is charged to.",
          "type": "string",
          "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
          "examples": [
            "vision"
          ]
        },
        "qos": {
          "description": "Quality of service.",
          "type": "string",
          "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
          "examples": [
            "preemptible"
          ]
        },
        "time": {
          "description": "Time limit of one sitting of a cell, as Slurm writes it: minutes, `hours:minutes:seconds` or `days-hours`; a cell that needs longer goes on from its checkpoint.",
          "type": "string",
          "pattern": "^([0-9]+(:[0-9]{2}){0,2}|[0-9]+-[0-9]{1,2}(:[0-9]{2}){0,2}|UNLIMITED)$",
          "examples": [
            "04:00:00",
            "1-12"
          ]
        },
        "cpusPerTask": {
          "description": "Cores of a cell.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65536,
          "examples": [
            4
          ]
        },
        "memory": {
          "description": "Memory of a cell, with its unit (K, M, G or T); without one: megabytes.",
          "type": "string",
          "pattern": "^[0-9]+[KMGT]?$",
          "examples": [
            "4G"
          ]
        },
        "gres": {
          "description": "Generic resources of a cell, such as a GPU.",
          "type": "string",
          "pattern": "^[A-Za-z][A-Za-z0-9_.:,/=()-]*$",
          "examples": [
            "gpu:1",
            "gpu:a100:1"
          ]
        },
        "constraint": {
          "description": "Features that the node must have, as sbatch's `--constraint` takes them.",
          "type": "string",
          "pattern": "^[A-Za-z0-9_(\\[][^\\n]*$",
          "examples": [
            "avx2&ssd"
          ]
        },
        "signalSeconds": {
          "description": "Seconds before the time limit at which a cell is told to write its checkpoint; Slurm may tell it up to a minute earlier. Not given: 60.",
          "type": "integer",
          "minimum": 1,
          "maximum": 65535,
          "examples": [
            120
          ]
        },
        "setup": {
          "description": "Lines of POSIX sh that run before each cell on its node.",
          "type": "array",
          "items": {
            "type": "string",
            "minLength": 1
          },
          "maxItems": 1000,
          "examples": [
            [
              "module load cuda",
              "export N2UQ_CACHE=/scratch/n2uq"
            ]
          ]
        },
        "options": {
          "description": "Further options that sbatch gets as they are, each one as `--name=value` or `--name`.",
          "type": "array",
          "items": {
            "type": "string",
            "pattern": "^--?[A-Za-z][^\\n]*$"
          },
          "maxItems": 1000,
          "examples": [
            [
              "--exclusive",
              "--mail-type=FAIL"
            ]
          ]
        }
      },
      "examples": [
        {
          "partition": "gpu",
          "time": "04:00:00",
          "gres": "gpu:1"
        }
      ]
    }
  },
  "definitions": {
    "dataFolder": {
      "title": "DataFolder",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "root": {
          "description": "The folder, relative to this file.",
          "type": "string",
          "minLength": 1,
          "x-path": true,
          "examples": [
            "./data"
          ]
        }
      }
    }
  },
  "examples": [
    {
      "experiment": "./experiments/quickstart.yaml",
      "runs": "./runs"
    }
  ]
};
