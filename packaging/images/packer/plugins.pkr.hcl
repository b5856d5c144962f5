# For Packer 1.7 or newer: `packer init .`, then `packer build .`. Older ones have the builders in them: `packer build web.pkr.hcl`.
packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.0"
    }
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.0.0"
    }
  }
}
