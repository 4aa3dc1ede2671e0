//! The one writer: a thread that owns the case and does what is asked for in turn, many ads in one transaction.
//!
//! What it answers is durable and in the indexes: it commits first, then tells the indexes, then whoever asked. The trap:
//! everything waits in one short line, so what a job has to compute (decoding, hashing) is done before it is sent here;
//! and where a job panics nobody knows what the case is in the middle of, so the writer ends there and the service says
//! that it is not ready.

use super::banks::LiveBanks;
use crate::api::http::access::Caller;
use crate::api::http::answer::Problem;
use crate::bank::{BankEntry, NewEntry};
use crate::case::Case;
use crate::error::Result;
use crate::ingest::{PostedAd, PostedPicture, TakenAd, take_posted};
use crate::search::LiveSearch;
use axum::http::StatusCode;
use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// Jobs that may wait.
const LINE: usize = 1024;
/// Ads, or entries of one bank, that share a transaction.
const TOGETHER: usize = 256;

/// Something to be done with the case.
enum WriteJob {
    Ad(Box<WaitingAd>),
    Entry(Box<WaitingEntry>),
    Act(String, Box<dyn FnOnce(&mut Case) + Send>),
}

/// An ad with its pictures, as it was taken.
type Taken = (TakenAd, Vec<PostedPicture>);

/// An ad that waits, who posted it, and who is told.
struct WaitingAd {
    ad: PostedAd,
    by: String,
    reply: oneshot::Sender<Result<Taken, Problem>>,
}

/// An entry that waits, its bank, and who is told.
struct WaitingEntry {
    bank: String,
    entry: NewEntry,
    by: String,
    reply: oneshot::Sender<Result<BankEntry, Problem>>,
}

/// The way to the writer.
pub(crate) struct CaseWriter {
    jobs: Mutex<Option<SyncSender<WriteJob>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    commits: Arc<AtomicU64>,
}

impl CaseWriter {
    /// Starts the writer of a case.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(
        case: Case,
        search: Arc<LiveSearch>,
        banks: Arc<LiveBanks>,
        operator: String,
    ) -> io::Result<Self> {
        let (jobs, line) = sync_channel(LINE);
        let commits = Arc::new(AtomicU64::new(0));
        let counted = commits.clone();
        let thread = thread::Builder::new()
            .name("case-writer".into())
            .spawn(move || WriterThread { case, search, banks, commits: counted, operator }.all(&line))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), commits })
    }

    /// Adds an ad; it is durable and can be found when this returns.
    pub(crate) async fn ad(&self, ad: PostedAd, by: String) -> Result<Taken, Problem> {
        let (reply, replied) = oneshot::channel();
        self.send(WriteJob::Ad(Box::new(WaitingAd { ad, by, reply })))?;
        replied.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Adds an entry to a bank; it is durable and can be found when this returns.
    pub(crate) async fn entry(
        &self,
        by: &Caller,
        bank: String,
        entry: NewEntry,
    ) -> Result<BankEntry, Problem> {
        let (reply, replied) = oneshot::channel();
        self.send(WriteJob::Entry(Box::new(WaitingEntry { bank, entry, by: by.0.clone(), reply })))?;
        replied.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Does something with the case, alone, in the name of a caller.
    pub(crate) async fn act<T: Send + 'static>(
        &self,
        by: &Caller,
        act: impl FnOnce(&mut Case) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (reply, replied) = oneshot::channel();
        let job = move |case: &mut Case| {
            // Whoever asked may have gone away meanwhile.
            let _ = reply.send(act(case));
        };
        self.send(WriteJob::Act(by.0.clone(), Box::new(job)))?;
        replied.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Whether anything can be written still.
    pub(crate) fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Transactions so far.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Does what waits, then closes the case.
    pub(crate) fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    fn send(&self, job: WriteJob) -> Result<(), Problem> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        match jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(Problem::busy("too much waits to be written")),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(gone()),
        }
    }
}

/// 503: nothing can be written until the service is started again.
pub(crate) fn gone() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the case is not written to any more")
}

/// The thread's side.
struct WriterThread {
    case: Case,
    search: Arc<LiveSearch>,
    banks: Arc<LiveBanks>,
    commits: Arc<AtomicU64>,
    /// Who runs the service.
    operator: String,
}

impl WriterThread {
    fn all(mut self, line: &Receiver<WriteJob>) {
        let mut next = line.recv().ok();
        while let Some(job) = next.take() {
            let left = match job {
                WriteJob::Ad(ad) => self.ads(*ad, line),
                WriteJob::Entry(entry) => self.entries(*entry, line),
                WriteJob::Act(by, act) => {
                    self.case.act_as(&self.acting(&by));
                    act(&mut self.case);
                    None
                }
            };
            self.commits.fetch_add(1, Ordering::Relaxed);
            next = left.or_else(|| line.recv().ok());
        }
        // What is not kept is read from the case at the next start.
        let _ = self.search.keep(&self.case);
    }

    /// Who acts, for the audit chain: whoever runs the service, and the ids of tokens.
    fn acting(&self, callers: &str) -> String {
        format!("{} {callers}", self.operator).trim_start().to_string()
    }

    /// Takes an ad, and with it those that wait right behind; the first job that is none of them.
    fn ads(&mut self, first: WaitingAd, line: &Receiver<WriteJob>) -> Option<WriteJob> {
        let (mut waiting, mut left) = (vec![first], None);
        while waiting.len() < TOGETHER {
            match line.try_recv() {
                Ok(WriteJob::Ad(ad)) => waiting.push(*ad),
                other => {
                    left = other.ok();
                    break;
                }
            }
        }
        let mut by: Vec<String> = waiting.iter().map(|ad| ad.by.clone()).collect();
        by.sort_unstable();
        by.dedup();
        let (ads, replies): (Vec<_>, Vec<_>) = waiting.into_iter().map(|ad| (ad.ad, ad.reply)).unzip();
        self.case.act_as(&self.acting(&by.join(",")));
        match take_posted(&self.case, &ads, &by) {
            Ok(taken) => {
                for ((taken, ad), reply) in taken.into_iter().zip(ads).zip(replies) {
                    self.index(&taken);
                    // Whoever asked may have gone away meanwhile.
                    let _ = reply.send(Ok((taken, ad.pictures)));
                }
                self.search.tend();
            }
            Err(error) => {
                for reply in replies {
                    let _ = reply.send(Err(Problem::of(&error)));
                }
            }
        }
        left
    }

    fn index(&self, taken: &TakenAd) {
        if !taken.withdrawn {
            let (record, files) = taken.rows();
            self.search.note(&taken.key, record, files);
            for new in &taken.added {
                self.search.add(new.key, &new.image, new.features.as_ref());
            }
        }
    }

    /// Takes an entry, and with it those of the same bank that wait right behind; the first job that is none of them.
    fn entries(&mut self, first: WaitingEntry, line: &Receiver<WriteJob>) -> Option<WriteJob> {
        let bank = first.bank.clone();
        let (mut waiting, mut left) = (vec![first], None);
        while waiting.len() < TOGETHER {
            match line.try_recv() {
                Ok(WriteJob::Entry(one)) if one.bank == bank => waiting.push(*one),
                other => {
                    left = other.ok();
                    break;
                }
            }
        }
        let by: BTreeSet<&str> = waiting.iter().map(|one| one.by.as_str()).collect();
        let by = by.into_iter().collect::<Vec<_>>().join(",");
        let entries: Vec<NewEntry> = waiting.iter().map(|one| one.entry.clone()).collect();
        match self.add(&by, &bank, &entries) {
            Ok(added) => {
                for (added, one) in added.into_iter().zip(waiting) {
                    let _ = one.reply.send(Ok(added));
                }
            }
            // One that cannot be must not take the others with it, and each stands under the name of who sent it.
            Err(_) if waiting.len() > 1 => {
                for one in waiting {
                    let added = self.add(&one.by, &bank, std::slice::from_ref(&one.entry));
                    let _ = one.reply.send(added.map(|mut added| added.remove(0)));
                }
            }
            Err(problem) => {
                let _ = waiting.remove(0).reply.send(Err(problem));
            }
        }
        left
    }

    /// Adds entries in the name of whoever sent them.
    fn add(&mut self, by: &str, bank: &str, entries: &[NewEntry]) -> Result<Vec<BankEntry>, Problem> {
        self.case.act_as(&self.acting(by));
        self.banks.add_entries(&mut self.case, bank, entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{BankKind, NewBank};
    use crate::case::Withdrawal;
    use crate::hash::{Hash256, Quality};
    use crate::record::ImageId;

    const WITHDRAWN: ImageId = ImageId([7; 32]);

    /// A case with a bank, from which an image was withdrawn.
    fn case(folder: &std::path::Path) -> Case {
        let mut case = Case::open_or_create(&folder.join("case.adlink")).unwrap();
        case.create_bank(&NewBank::named("LIST", BankKind::Known)).unwrap();
        case.withdraw_all(&[Withdrawal::Image(WITHDRAWN)], "asked for").unwrap();
        case
    }

    fn thread(case: Case) -> WriterThread {
        let search = Arc::new(LiveSearch::open(&case, Quality::USABLE, false).unwrap());
        let banks = Arc::new(LiveBanks::open(&case).unwrap());
        WriterThread { case, search, banks, commits: Arc::default(), operator: "op".into() }
    }

    /// Entries that came together; `None` stands for one of what was withdrawn.
    fn sent(
        line: &[(&str, Option<u64>)],
    ) -> (Receiver<WriteJob>, Vec<oneshot::Receiver<Result<BankEntry, Problem>>>) {
        let (jobs, waiting) = sync_channel(LINE);
        let send = |(by, hash): &(&str, Option<u64>)| {
            let (reply, replied) = oneshot::channel();
            let entry = match hash {
                Some(hash) => NewEntry::of_hash(Hash256::from_words([*hash; 4])),
                None => NewEntry { sha256: Some(WITHDRAWN), ..NewEntry::default() },
            };
            let one = WaitingEntry { bank: "LIST".into(), entry, by: (*by).into(), reply };
            jobs.try_send(WriteJob::Entry(Box::new(one))).unwrap_or_else(|_| panic!("a full line"));
            replied
        };
        let replies = line.iter().map(send).collect();
        (waiting, replies)
    }

    /// Who stands in the audit chain for each entry that was added, by its id.
    fn added_by(path: &std::path::Path) -> Vec<(u64, u64, String)> {
        let case = Case::open_read(&path.join("case.adlink")).unwrap();
        let entries = case.audit_after(0, 1000).unwrap();
        let adds = entries.iter().filter(|entry| entry.action == "bank-add");
        let number = |entry: &crate::case::AuditEntry, name: &str| entry.detail[name].as_u64().unwrap();
        adds.map(|entry| {
            (number(entry, "first"), number(entry, "added"), entry.detail["by"].as_str().unwrap().to_string())
        })
        .collect()
    }

    #[test]
    fn entries_that_wait_together_share_a_transaction() {
        let folder = tempfile::tempdir().unwrap();
        let (line, replies) = sent(&[("t1", Some(1)), ("t2", Some(2)), ("t1", Some(3))]);
        let thread = thread(case(folder.path()));
        let (banks, commits) = (thread.banks.clone(), thread.commits.clone());
        thread.all(&line);
        for (place, mut reply) in replies.into_iter().enumerate() {
            assert_eq!(reply.try_recv().unwrap().unwrap().id.0, place as u64 + 1);
        }
        assert_eq!((banks.index.len(), commits.load(Ordering::Relaxed)), (3, 1));
        assert_eq!(added_by(folder.path()), [(1, 3, "op t1,t2".into())]);
    }

    #[test]
    fn where_one_cannot_be_the_others_are_added_each_in_the_name_of_its_sender() {
        let folder = tempfile::tempdir().unwrap();
        let (line, replies) = sent(&[("t1", Some(1)), ("t2", None), ("t3", Some(3))]);
        let thread = thread(case(folder.path()));
        let banks = thread.banks.clone();
        thread.all(&line);
        let became: Vec<_> = replies
            .into_iter()
            .map(|mut reply| {
                reply.try_recv().unwrap().map(|entry| entry.id.0).map_err(|why| why.status.as_u16())
            })
            .collect();
        assert_eq!(became, [Ok(1), Err(400), Ok(2)]);
        assert_eq!(banks.index.len(), 2);
        assert_eq!(added_by(folder.path()), [(1, 1, "op t1".into()), (2, 1, "op t3".into())]);
    }

    #[test]
    fn a_writer_that_panics_is_dead_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let case = case(folder.path());
        let search = Arc::new(LiveSearch::open(&case, Quality::USABLE, false).unwrap());
        let banks = Arc::new(LiveBanks::open(&case).unwrap());
        let writer = CaseWriter::start(case, search, banks, String::new()).unwrap();
        assert!(writer.is_alive());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let caller = Caller("t1".into());
        let planted = writer.act(&caller, |_| -> Result<(), Problem> { panic!("planted") });
        assert_eq!(runtime.block_on(planted).unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
        while writer.is_alive() {
            thread::yield_now();
        }
        let after = writer.act(&caller, |_| Ok(()));
        assert_eq!(runtime.block_on(after).unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
