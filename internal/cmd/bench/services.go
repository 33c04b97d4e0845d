package main

import (
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// batchSize is how many ids one call may name; it is the same on all clouds
// (MaxResults and the lists of ids in each cloud's reference of DescribeInstances
// and StopInstances).
const batchSize = 100

// service is a cloud, or one of its products.
type service = simulator.Service

// services returns all of them. The first one is measured in full: it is the
// one whose limits are documented, and so enforced by the simulator.
func services() []service { return localcloud.Services() }
