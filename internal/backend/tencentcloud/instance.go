package tencentcloud

import (
	"fmt"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// instanceOf translates one instance. PublicIPKept stays false: nothing in the
// model tells an ordinary elastic address from an assigned one. (Its
// IPv4AddressType names lines for an address asked for at creation, and has no
// word for an elastic address that was bound later; SDK source,
// InternetAccessible.)
func (d *Driver) instanceOf(from *cvm.Instance) backend.Instance {
	raw := value(from.InstanceState)
	return backend.Instance{
		ID:              value(from.InstanceId),
		Name:            value(from.InstanceName),
		State:           states[raw].State,
		Raw:             raw,
		StoppedMode:     modes[value(from.StopChargingMode)],
		StopChargingBar: stopChargingBar(from),
		Blocked:         blocked(from),
		ChargeType:      chargeTypes[value(from.InstanceChargeType)],
		Type:            value(from.InstanceType),
		Zone:            zone(from.Placement),
		PublicIP:        first(from.PublicIpAddresses),
		PrivateIP:       first(from.PrivateIpAddresses),
		LastOperation:   d.lastOperation(from),
		Tags:            driverkit.Tags(from.Tags, tagOf),
	}
}

func zone(of *cvm.Placement) string {
	if of == nil {
		return ""
	}
	return value(of.Zone)
}

// blocked names the cause before the state that it led to: the bin is full of
// instances for different reasons. A word that is not in the tables blocks
// nothing; the cloud itself will refuse if it must.
func blocked(from *cvm.Instance) string {
	if clause := blockedBySource[value(from.IsolatedSource)]; clause != "" {
		return clause
	}
	if clause := blockedByRestriction[value(from.RestrictState)]; clause != "" {
		return clause
	}
	return states[value(from.InstanceState)].Blocked
}

// localDisk begins the type of every disk that is part of the host (SDK source,
// SystemDisk and DataDisk).
const localDisk = "LOCAL_"

func stopChargingBar(from *cvm.Instance) string {
	charge := value(from.InstanceChargeType)
	if clause := barByCharge[charge]; clause != "" {
		return clause
	}
	if charge != "" && charge != chargeHourly {
		return fmt.Sprintf("its billing type is %s, and only %s can stop charging", charge, chargeHourly)
	}
	if from.SystemDisk != nil && strings.HasPrefix(value(from.SystemDisk.DiskType), localDisk) {
		return fmt.Sprintf("its system disk is a local one (%s)", value(from.SystemDisk.DiskType))
	}
	for _, disk := range from.DataDisks {
		if disk != nil && strings.HasPrefix(value(disk.DiskType), localDisk) {
			return fmt.Sprintf("it has a local data disk (%s)", value(disk.DiskType))
		}
	}
	return ""
}

func (d *Driver) lastOperation(from *cvm.Instance) *backend.Operation {
	word, requestID := value(from.LatestOperationState), value(from.LatestOperationRequestId)
	if word == "" && requestID == "" {
		return nil
	}
	operation := &backend.Operation{
		Name: value(from.LatestOperation),
		// It is compared with that of a call, which is cleaned too.
		RequestID: d.kit.Clean(requestID),
		State:     operationStates[word],
	}
	if operation.State == backend.OperationFailed {
		operation.Message = d.kit.Clean(value(from.LatestOperationErrorMsg))
	}
	return operation
}

func first(addresses []*string) string {
	return driverkit.First(common.StringValues(addresses)...)
}

func tagOf(tag *cvm.Tag) (key, word string, ok bool) {
	if tag == nil || tag.Key == nil {
		return "", "", false
	}
	return *tag.Key, value(tag.Value), true
}
