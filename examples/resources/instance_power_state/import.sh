# cloud/region/instance_id; a cloud without regions has its service in place of the region.
terraform import instance_power_state.web tencentcloud/ap-guangzhou/ins-r8hr2upy
terraform import instance_power_state.edge zenlayercloud/vm/1205432187642034176
