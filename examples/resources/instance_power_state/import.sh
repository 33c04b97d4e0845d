# cloud/region/instance_id; for a cloud without regions its service takes the place of the region.
terraform import instance_power_state.web tencentcloud/ap-guangzhou/ins-r8hr2upy
terraform import instance_power_state.edge zenlayercloud/vm/1205432187642034176
