# Does in an unpacked tree of Debian packages what their maintainer scripts would have done, as its root and without a network:
# accounts, library cache, module index, hardware database, SSH host keys, units that are enabled, the initrd. /mnt takes kernel and initrd.
export PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 HOME=/root SYSTEMD_OFFLINE=1
umask 022
cp /usr/share/base-passwd/passwd.master /etc/passwd
cp /usr/share/base-passwd/group.master /etc/group
systemd-sysusers
printf '%s: files\n' passwd group shadow services protocols > /etc/nsswitch.conf
echo 'hosts: files dns' >> /etc/nsswitch.conf
echo debian > /etc/hostname
echo '127.0.0.1 localhost' > /etc/hosts
echo '/dev/vda / ext4 errors=remount-ro 0 1' > /etc/fstab
# Not a first boot: that would do more than boots usually do.
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
mkdir -p /etc/systemd/network /var/log/journal /var/tmp
printf '[Match]\nType=ether\n[Network]\nDHCP=yes\n' > /etc/systemd/network/80-dhcp.network
for name in run lock; do rmdir /var/$name; done
ln -s /run /var/run
ln -s /run/lock /var/lock
chmod 1777 /var/tmp
chmod 700 /root
ldconfig
systemd-hwdb --usr update
ssh-keygen -A
cp /usr/share/openssh/sshd_config /etc/ssh/sshd_config
systemctl enable getty@tty1.service hadron-agent.service ssh.service systemd-networkd.service systemd-timesyncd.service

# The root's type, which an installer's initrd finds on the device: its fsck belongs into the initrd. And no swap: the
# building machine's would be waited for.
printf 'FSTYPE=ext4\nRESUME=none\n' > /etc/initramfs-tools/conf.d/root
version=$(basename /usr/lib/modules/*)
depmod -a "$version"
mkinitramfs -o /mnt/initrd "$version"
cp "/boot/vmlinuz-$version" /mnt/kernel
cp "/boot/config-$version" /mnt/config
