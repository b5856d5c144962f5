# Renders the user data of a node that configures itself. Needs no provider: `terraform init && terraform validate` work offline.

terraform {
  required_version = ">= 1.4"
}

variable "role" {
  type        = string
  description = "The role of the nodes, for data and manifests."
}

variable "trusted" {
  type        = map(string)
  default     = {}
  description = "Facts that this configuration vouches for: %%{trusted.x} in Hiera."
}

variable "token" {
  type        = string
  sensitive   = true
  description = "A token that may read the control repository, and nothing else."
}

variable "openpgp_key" {
  type        = string
  sensitive   = true
  default     = ""
  description = "The private key of the role, armored; empty if the role has no secrets."
}

locals {
  settings = merge(
    {
      role        = var.role
      trusted     = var.trusted
      credentials = { token_file = "/etc/freehold/token" }
    },
    var.openpgp_key == "" ? {} : { secrets = { openpgp_key = "/etc/freehold/role.key" } },
  )
  files = merge(
    {
      "/etc/freehold/freehold.yaml.d/50-user-data.yaml" = yamlencode(local.settings)
      "/etc/freehold/token"                             = var.token
    },
    var.openpgp_key == "" ? {} : { "/etc/freehold/role.key" = var.openpgp_key },
  )
}

output "user_data" {
  sensitive   = true
  description = "What the instance gets as its user data."
  value = join("\n", ["#cloud-config", yamlencode({
    write_files = [for path, content in local.files : { path = path, permissions = "0600", content = content }]
  })])
}
